/** @file Solved queries of an ensemble's members, kept until their turn comes: in memory while they are few, then in a file. */
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeMatrix, toFloat32, type Matrix, type Matrix32 } from '../../core/linalg/matrix.ts';

const MEMORY_BYTES = 64 * 2 ** 20;

interface OnDisk {
  readonly rows: number;
  readonly columns: number;
  readonly position: number;
}

export class SolvedQueries {
  readonly #path: string;
  readonly #memoryBytes: number;
  readonly #kept = new Map<string, Matrix32 | OnDisk>();
  #inMemory = 0;
  #file: number | null = null;
  #fileLength = 0;

  constructor(cachePath: string, memoryBytes = MEMORY_BYTES) {
    mkdirSync(cachePath, { recursive: true });
    this.#path = join(cachePath, `solved-queries-${randomUUID()}`);
    this.#memoryBytes = memoryBytes;
  }

  /** In float32. */
  keep(key: string, solved: Matrix): void {
    const typed = toFloat32(solved);
    this.#inMemory += typed.data.byteLength;
    this.#kept.set(key, this.#inMemory <= this.#memoryBytes ? typed : this.#write(typed));
  }

  /** What was kept under this key. */
  take(key: string): Matrix32 {
    const kept = this.#kept.get(key)!;
    return 'data' in kept ? kept : this.#read(kept);
  }

  close(): void {
    this.#kept.clear();
    if (this.#file === null) return;
    closeSync(this.#file);
    this.#file = null;
    rmSync(this.#path, { force: true });
  }

  #write({ rows, columns, data }: Matrix32): OnDisk {
    this.#file ??= openSync(this.#path, 'wx+');
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const position = this.#fileLength;
    for (let at = 0; at < bytes.length;)
      at += writeSync(this.#file, bytes, at, bytes.length - at, position + at);
    this.#fileLength += bytes.length;
    return { rows, columns, position };
  }

  #read({ rows, columns, position }: OnDisk): Matrix32 {
    const data = new Float32Array(rows * columns);
    const bytes = new Uint8Array(data.buffer);
    for (let at = 0; at < bytes.length;)
      at += readSync(this.#file!, bytes, at, bytes.length - at, position + at);
    return makeMatrix(rows, columns, data);
  }
}
