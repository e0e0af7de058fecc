/** @file A brought model file in the project: one file with all its data, named by its content. The original is only read. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { readModel } from '../../core/onnx/read-model.ts';
import { writeModel } from '../../core/onnx/write-model.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { readModelFile } from './read-model-file.ts';

/** Relative to the project. */
const FOLDER = 'models/files';

/** Answers where the copy lies, relative to the project. */
export function storeModelFile(projectPath: string, path: string): string {
  return storeFile(projectPath, wholeBytes(path), 'onnx');
}

/** A file that a model needs, beside it; answers the same. */
export function storeFile(projectPath: string, bytes: Uint8Array, extension: string): string {
  const name = `${FOLDER}/${createHash('sha256').update(bytes).digest('hex')}.${extension}`;
  const target = join(projectPath, name);
  if (existsSync(target)) return name;
  mkdirSync(join(projectPath, FOLDER), { recursive: true });
  writeFileWhole(target, [bytes]);
  return name;
}

export function readStoredModel(projectPath: string, file: string): OnnxModel {
  return readModelFile(join(projectPath, file));
}

/** The file as it is; where its data lie in other files, a file that holds them too. */
function wholeBytes(path: string): Uint8Array {
  const model = readModelFile(path);
  const bytes = readFileSync(path);
  return standsAlone(bytes) ? bytes : writeModel(model);
}

function standsAlone(bytes: Uint8Array): boolean {
  try {
    readModel(bytes);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'model-external-data') return false;
    throw error;
  }
}
