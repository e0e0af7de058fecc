/**
 * @file A bundle as a zip: files by name, stored as they are, with a fixed time, so that the same files are the same bytes.
 *
 * [Note: Stored] Nothing in it is packed. The bytes of a file can be found in the zip with any tool, no bomb can be hidden, and a zip can be held against the one that its
 * files make: a byte that was changed anywhere, also between the files, shows.
 */
import { zipSync } from 'fflate';

/** A date that zips can hold, taken as local time by the writer. */
const FIXED_TIME = new Date(1980, 0, 1, 0, 0, 0);

export type BundleFiles = ReadonlyMap<string, Uint8Array>;

export function encodeBundle(files: BundleFiles): Uint8Array {
  const names = [...files.keys()].sort(byBytes);
  return zipSync(Object.fromEntries(names.map((name) => [name, files.get(name)!])), {
    level: 0,
    mtime: FIXED_TIME,
    os: 3,
    attrs: 0o100644 << 16,
  });
}

/** As `LC_ALL=C sort` does. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
