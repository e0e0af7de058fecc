/** @file Tars for tests. */
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

/** Files by name, and links by name to what they point to. */
export async function encodeTar(
  files: Readonly<Record<string, Uint8Array | string>>,
  links: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  const tar = pack();
  for (const [name, bytes] of Object.entries(files)) tar.entry({ name }, Buffer.from(bytes as Uint8Array));
  for (const [name, linkname] of Object.entries(links)) tar.entry({ name, type: 'symlink', linkname });
  tar.finalize();
  return buffer(tar);
}
