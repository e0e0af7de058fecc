/** @file A float32 matrix as a NumPy file (format version 1.0), written in blocks that may come in any order. */
import { closeSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { AppError } from '../../core/base/app-error.ts';
import type { Matrix } from '../../core/linalg/matrix.ts';

const ALIGNMENT = 64;
const FIXED_LENGTH = 10;

/** Magic, version, header length, then a Python dictionary padded so that the numbers start on a multiple of 64. */
export function npyHeader(rows: number, columns: number): Buffer {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const unpadded = FIXED_LENGTH + dictionary.length + 1;
  const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${dictionary}${' '.repeat(padding)}\n`, 'latin1');
  header.writeUInt16LE(header.length - FIXED_LENGTH, 8);
  return header;
}

export class NpyWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #columns: number;
  readonly #start: number;

  /** Opens `path` under a partial name; `during` gives it its own. */
  constructor(path: string, rows: number, columns: number) {
    this.#path = path;
    this.#columns = columns;
    const header = npyHeader(rows, columns);
    this.#start = header.length;
    try {
      this.#file = openSync(`${path}.partial`, 'w');
    } catch (cause) {
      throw new AppError('export-failed', { path, reason: (cause as Error).message }, { cause });
    }
    writeSync(this.#file, header, 0, header.length, 0);
    ftruncateSync(this.#file, header.length + rows * columns * 4);
  }

  /** The block's first row and column go to this place of the file. */
  write(block: Matrix, at: { readonly row: number; readonly column: number }): void {
    const values = block.data instanceof Float32Array ? block.data : Float32Array.from(block.data);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const length = block.columns * 4;
    for (let row = 0; row < block.rows; row++) {
      const position = this.#start + ((at.row + row) * this.#columns + at.column) * 4;
      writeSync(this.#file, bytes, row * length, length, position);
    }
  }

  /** Gives the file its name once `work` has written everything; leaves none behind where it fails. */
  async during(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      fsyncSync(this.#file);
    } catch (error) {
      closeSync(this.#file);
      rmSync(`${this.#path}.partial`, { force: true });
      throw error;
    }
    closeSync(this.#file);
    renameSync(`${this.#path}.partial`, this.#path);
  }
}
