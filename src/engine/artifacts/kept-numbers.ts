/** @file Numbers that took long to come by, in a file that is whole or absent. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFileWhole } from './write-file-whole.ts';

/** The float64 `length` numbers in `file`, made and written where it is not there whole. */
export async function keptNumbers(
  file: string,
  length: number,
  make: () => Promise<Float64Array>,
): Promise<Float64Array> {
  if (existsSync(file)) {
    const bytes = Uint8Array.from(readFileSync(file));
    if (bytes.length === 8 * length) return new Float64Array(bytes.buffer);
  }
  const values = await make();
  writeFileWhole(file, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
  return values;
}
