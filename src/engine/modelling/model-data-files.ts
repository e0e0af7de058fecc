/**
 * @file The data files of one model: opened once, read by pieces, never outside the model's folder. A model is a stranger's file, and
 * without these checks it could have any file of the user's read, or a device that never ends.
 */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { ExternalData } from '../../core/onnx/external-data.ts';
import { readWhole } from './read-bytes.ts';

interface DataFile {
  readonly descriptor: number;
  readonly size: number;
  /** What has been read, by place: tensors may share their bytes. */
  readonly pieces: Map<string, Uint8Array>;
  /** Bytes in `pieces`. */
  readBytes: number;
}

/** A file that is no regular one must not hold up the opening. Windows knows neither flag. */
const OPEN_FLAGS = fs.constants.O_RDONLY | orZero(fs.constants.O_NOFOLLOW) | orZero(fs.constants.O_NONBLOCK);

export class ModelDataFiles {
  readonly #folder: string;
  readonly #files = new Map<string, DataFile>();

  /** `folder` is the one that holds the model file. */
  constructor(folder: string) {
    this.#folder = fs.realpathSync(folder);
  }

  /** The bytes for the tensor called `name`. Throws model-external-data, saying what was refused. */
  read(data: ExternalData, name: string): Uint8Array {
    const refuse = (reason: string): never => {
      throw new AppError('model-external-data', { name, location: data.location, reason });
    };
    const file = this.#files.get(data.location) ?? this.#open(data.location, refuse);
    const key = `${data.offset}:${data.length}`;
    const known = file.pieces.get(key);
    if (known !== undefined) return known;
    if (data.offset + data.length > file.size) {
      refuse(`it holds ${file.size} bytes, but the tensor lies at ${data.offset} and takes ${data.length}`);
    }
    // A few bytes of file could otherwise be asked for again and again until memory is full.
    if (file.readBytes + data.length > file.size) refuse('its tensors overlap');
    const piece = readWhole(file.descriptor, {
      position: data.offset,
      length: data.length,
      what: `Tensor ${name}`,
    });
    file.pieces.set(key, piece);
    file.readBytes += data.length;
    return piece;
  }

  close(): void {
    for (const { descriptor } of this.#files.values()) fs.closeSync(descriptor);
    this.#files.clear();
  }

  #open(location: string, refuse: (reason: string) => never): DataFile {
    const file = this.#locate(location, refuse);
    const descriptor = openOrNull(file) ?? refuse('it cannot be opened');
    const stats = fs.fstatSync(descriptor);
    if (!stats.isFile()) {
      fs.closeSync(descriptor);
      refuse('it is not a regular file');
    }
    const opened = { descriptor, size: stats.size, pieces: new Map<string, Uint8Array>(), readBytes: 0 };
    this.#files.set(location, opened);
    return opened;
  }

  /** The real path behind a location, links resolved. Both separators count everywhere: models travel between systems. */
  #locate(location: string, refuse: (reason: string) => never): string {
    if (location === '') refuse('the model does not say which file');
    if (path.posix.isAbsolute(location) || path.win32.isAbsolute(location) || /^[a-z]:/i.test(location)) {
      refuse('only files beside the model are read, and this is an absolute path');
    }
    const parts = location.split(/[\\/]/);
    if (parts.includes('..'))
      refuse('only files beside the model are read, and this leads out of its folder');
    const real = realPathOrNull(path.join(this.#folder, ...parts)) ?? refuse('there is no such file');
    if (!real.startsWith(withSeparator(this.#folder))) {
      refuse('only files beside the model are read, and this is a link that leads out of its folder');
    }
    return real;
  }
}

function withSeparator(folder: string): string {
  return folder.endsWith(path.sep) ? folder : folder + path.sep;
}

function orZero(flag: number | undefined): number {
  return flag ?? 0;
}

function realPathOrNull(file: string): string | null {
  try {
    return fs.realpathSync(file);
  } catch {
    return null;
  }
}

function openOrNull(file: string): number | null {
  try {
    return fs.openSync(file, OPEN_FLAGS);
  } catch {
    return null;
  }
}
