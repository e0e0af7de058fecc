/** @file `SHA256SUMS` as `sha256sum -c` reads it. */
import { createHash } from 'node:crypto';
import { byBytes, type BundleFiles } from './bundle-zip.ts';

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function writeChecksums(files: BundleFiles): string {
  return [...files.keys()]
    .sort(byBytes)
    .map((name) => `${sha256(files.get(name)!)}  ${name}\n`)
    .join('');
}

/** Name → hash; null where the text is not exactly what `writeChecksums` writes. */
export function readChecksums(text: string): ReadonlyMap<string, string> | null {
  const hashes = new Map<string, string>();
  if (!text.endsWith('\n')) return null;
  for (const line of text.slice(0, -1).split('\n')) {
    const match = /^([0-9a-f]{64}) {2}(\S.*)$/.exec(line);
    if (match === null || hashes.has(match[2]!)) return null;
    hashes.set(match[2]!, match[1]!);
  }
  return hashes;
}
