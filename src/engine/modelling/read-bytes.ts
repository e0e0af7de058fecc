/** @file A run of bytes of an open file, into memory of its own. */
import fs from 'node:fs';
import { AppError } from '../../core/base/app-error.ts';

interface Run {
  readonly position: number;
  readonly length: number;
  /** Names the bytes where there is no room for them. */
  readonly what: string;
}

/** A single read of the system takes less than 2 GB. */
const MAX_READ_BYTES = 2 ** 26;

/** The caller has checked that the file is this long; a file that has become shorter since is an error. */
export function readWhole(descriptor: number, { position, length, what }: Run): Uint8Array {
  const bytes = allocate(length, what);
  for (let done = 0; done < length;) {
    const count = fs.readSync(
      descriptor,
      bytes,
      done,
      Math.min(MAX_READ_BYTES, length - done),
      position + done,
    );
    if (count === 0)
      throw new AppError('model-invalid', { reason: 'a file became shorter while it was read' });
    done += count;
  }
  return bytes;
}

function allocate(length: number, what: string): Uint8Array {
  try {
    // Unlike a new array, this is not filled with zeros first; reading fills it.
    const { buffer, byteOffset } = Buffer.allocUnsafeSlow(length);
    return new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    if (error instanceof RangeError) throw new AppError('memory-exhausted', { what }, { cause: error });
    throw error;
  }
}
