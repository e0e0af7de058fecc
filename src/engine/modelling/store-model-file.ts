/** @file A brought model file in the project, with all its data, named by its content. The original is only read. */
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

/** Weights of more bytes than this lie in a file of their own: a protobuf message has less than 2 GB. */
const LARGEST_WHOLE = 2 ** 30;
/** Smaller tensors stay in the model. */
const SMALLEST_OUTSIDE = 1024;

/** Answers where the copy lies, relative to the project. The file as it is; where its data lie in other files, one that holds them too. */
export function storeModelFile(projectPath: string, path: string, largestWhole = LARGEST_WHOLE): string {
  const model = readModelFile(path);
  const bytes = readFileSync(path);
  if (standsAlone(bytes)) return storeFile(projectPath, bytes, 'onnx');
  const total = [...model.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (total <= largestWhole) return storeFile(projectPath, writeModel(model), 'onnx');
  return storeFile(projectPath, storeWeights(projectPath, model), 'onnx');
}

/** The model whose weights lie in a file beside it, which is written here. */
function storeWeights(projectPath: string, model: OnnxModel): Uint8Array {
  const outside = new Map<string, Uint8Array>();
  writeModel(model, (bytes, name) => {
    if (bytes.length < SMALLEST_OUTSIDE) return null;
    outside.set(name, bytes);
    return { location: '', offset: 0 };
  });
  const hash = createHash('sha256');
  for (const bytes of outside.values()) hash.update(bytes);
  const location = `${hash.digest('hex')}.weights`;
  storeNamed(projectPath, location, [...outside.values()]);
  let offset = 0;
  return writeModel(model, (bytes, name) => {
    if (!outside.has(name)) return null;
    offset += bytes.length;
    return { location, offset: offset - bytes.length };
  });
}

/** A file that a model needs, beside it; answers the same. */
export function storeFile(projectPath: string, bytes: Uint8Array, extension: string): string {
  const name = `${createHash('sha256').update(bytes).digest('hex')}.${extension}`;
  storeNamed(projectPath, name, [bytes]);
  return `${FOLDER}/${name}`;
}

function storeNamed(projectPath: string, name: string, pieces: readonly Uint8Array[]): void {
  const target = join(projectPath, FOLDER, name);
  if (existsSync(target)) return;
  mkdirSync(join(projectPath, FOLDER), { recursive: true });
  writeFileWhole(target, pieces);
}

export function readStoredModel(projectPath: string, file: string): OnnxModel {
  return readModelFile(join(projectPath, file));
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
