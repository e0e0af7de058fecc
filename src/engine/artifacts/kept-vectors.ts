/** @file Vectors of float32 that took long to come by, each in a file of its own under the hash of what it was made from. */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from './write-file-whole.ts';

export class KeptVectors {
  readonly #folder: string;
  readonly #length: number;

  /** All in `folder` have this many numbers. */
  constructor(folder: string, length: number) {
    this.#folder = folder;
    this.#length = length;
  }

  /** Whether there is one that is whole. */
  has(hash: string): boolean {
    return statSync(this.#path(hash), { throwIfNoEntry: false })?.size === 4 * this.#length;
  }

  /** null where there is none that is whole. */
  read(hash: string): Float32Array | null {
    if (!this.has(hash)) return null;
    return new Float32Array(Uint8Array.from(readFileSync(this.#path(hash))).buffer);
  }

  write(hash: string, { buffer, byteOffset, byteLength }: Float32Array): void {
    mkdirSync(this.#folder, { recursive: true });
    writeFileWhole(this.#path(hash), [new Uint8Array(buffer, byteOffset, byteLength)]);
  }

  #path(hash: string): string {
    return join(this.#folder, `${hash}.f32`);
  }
}
