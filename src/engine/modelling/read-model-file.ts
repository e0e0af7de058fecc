/** @file A model file of the user's, with the data files beside it. What a file says about other files is not trusted. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { readModel } from '../../core/onnx/read-model.ts';
import { ModelDataFiles } from './model-data-files.ts';
import { readWhole } from './read-bytes.ts';

/** The format's own limit: protobuf counts with 31 bits. */
const MAX_MODEL_BYTES = 2 ** 31;

/**
 * Reads an ONNX file and its external data, which must lie in the model's own folder or below it.
 * @throws AppError source-not-found, memory-exhausted, and those of `readModel`; model-external-data says what was refused
 */
export function readModelFile(file: string): OnnxModel {
  const bytes = readModelBytes(file);
  const dataFiles = new ModelDataFiles(path.dirname(path.resolve(file)));
  try {
    return readModel(bytes, (data, name) => dataFiles.read(data, name));
  } finally {
    dataFiles.close();
  }
}

function readModelBytes(file: string): Uint8Array {
  const size = sizeOfModel(file);
  const descriptor = openModel(file);
  try {
    return readWhole(descriptor, { position: 0, length: size, what: 'The model file' });
  } finally {
    fs.closeSync(descriptor);
  }
}

function openModel(file: string): number {
  try {
    return fs.openSync(file, 'r');
  } catch (error) {
    throw new AppError('source-not-found', { path: file }, { cause: error });
  }
}

function sizeOfModel(file: string): number {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new AppError('source-not-found', { path: file });
  if (!stats.isFile()) throw new AppError('model-invalid', { reason: `${file} is not a file` });
  if (stats.size > MAX_MODEL_BYTES) {
    throw new AppError('model-invalid', {
      reason: `${file} is larger than 2 GB, the most that an ONNX file may be`,
    });
  }
  return stats.size;
}
