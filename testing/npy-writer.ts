/** @file NumPy's own files for tests: any type, shape, order and version. */

/** A file as NumPy writes it. */
export function npyBytes(
  type: string,
  shape: string,
  numbers: Float32Array | Float64Array | Uint16Array,
  order = 'False',
  version = 1,
): Uint8Array<ArrayBuffer> {
  const header = Buffer.from(`{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(header.length, 0, length.length);
  const prefix = Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\x00`, 'latin1');
  return Uint8Array.from(Buffer.concat([prefix, length, header, new Uint8Array(numbers.buffer)]));
}
