/** @file NumPy's zips of arrays for tests. */
import { writeFileSync } from 'node:fs';
import { encodeZip } from './zip-writer.ts';

export interface NpzArray {
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Every second array is stored, the others are packed. */
export function npzBytes(arrays: Readonly<Record<string, NpzArray>>): Buffer {
  const entries = Object.entries(arrays).map(([name, { type, shape, bytes }], index) => {
    const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`;
    const length = Buffer.alloc(2);
    length.writeUInt16LE(text.length);
    const content = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
      length,
      Buffer.from(text),
      bytes,
    ]);
    return [`${name}.npy`, { bytes: content, stored: index % 2 === 0 }] as const;
  });
  return encodeZip(Object.fromEntries(entries));
}

export function writeNpz(path: string, arrays: Readonly<Record<string, NpzArray>>): void {
  writeFileSync(path, npzBytes(arrays));
}
