/**
 * @file Rows of equal length that took long to make, in one file. The file is written piece by piece, so that work which was stopped goes on where it was;
 * rows are read from it by number, so that memory stays bounded.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';

/** A file up to this size is held in memory as well. */
const MEMORY_BYTES = 256 * 2 ** 20;

export interface RowFile {
  /** Copies the rows of these numbers, one after the other, into `target`. */
  read(rows: ArrayLike<number>, target: Uint8Array): void;
  close(): void;
}

export interface RowFileRequest {
  /** Its name stands for everything the rows depend on. */
  readonly path: string;
  readonly rowBytes: number;
  readonly count: number;
  /** Rows that are made and written at a time. */
  readonly pieceRows: number;
  /** The bytes of the rows from `from` to before `to`. */
  readonly make: (from: number, to: number) => Promise<Uint8Array>;
  readonly signal: CancelSignal;
  readonly onProgress: (done: number) => void;
}

/** Opens the file, making the rows that are not in it yet. */
export async function openRowFile(request: RowFileRequest): Promise<RowFile> {
  const { path } = request;
  if (!existsSync(path)) {
    await fill(`${path}.partial`, request);
    renameSync(`${path}.partial`, path);
  }
  const now = new Date();
  utimesSync(path, now, now);
  return openWhole(path, request);
}

/** Deletes the files of this prefix and suffix but for those that were used last. */
export function forgetOldFiles(folder: string, prefix: string, suffix: string, keptCount: number): void {
  const files = readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(suffix))
    .map((name) => ({ path: join(folder, name), usedMs: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of files.slice(keptCount)) rmSync(path, { force: true });
}

/** Appends the pieces that are missing; what an earlier, stopped attempt wrote whole is kept. */
async function fill(
  path: string,
  { rowBytes, count, pieceRows, make, signal, onProgress }: RowFileRequest,
): Promise<void> {
  const file = openSync(path, existsSync(path) ? 'r+' : 'w+');
  try {
    const written = Math.floor(fstatSync(file).size / (pieceRows * rowBytes)) * pieceRows;
    let done = Math.min(written, count);
    ftruncateSync(file, done * rowBytes);
    while (done < count) {
      throwIfCancelled(signal);
      const end = Math.min(count, done + pieceRows);
      const bytes = await make(done, end);
      writeSync(file, bytes, 0, bytes.length, done * rowBytes);
      done = end;
      onProgress(done);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function openWhole(path: string, { rowBytes, count }: RowFileRequest): RowFile {
  const expected = count * rowBytes;
  const found = statSync(path).size;
  if (found !== expected)
    throw new AppError('artifact-damaged', { path, reason: `it has ${found} bytes, not ${expected}` });
  const file = openSync(path, 'r');
  if (expected > MEMORY_BYTES)
    return {
      read: (rows, target) => {
        for (let place = 0; place < rows.length; place++)
          readSync(file, target, place * rowBytes, rowBytes, rows[place]! * rowBytes);
      },
      close: () => closeSync(file),
    };
  const bytes = new Uint8Array(expected);
  readWhole(file, bytes);
  closeSync(file);
  return {
    read: (rows, target) => {
      for (let place = 0; place < rows.length; place++) {
        const start = rows[place]! * rowBytes;
        target.set(bytes.subarray(start, start + rowBytes), place * rowBytes);
      }
    },
    close: () => undefined,
  };
}

function readWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const count = readSync(file, bytes, at, Math.min(2 ** 26, bytes.length - at), at);
    if (count === 0) return;
    at += count;
  }
}
