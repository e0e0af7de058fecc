/**
 * @file Models of a study, trained once: their parameters are kept in the system's folder for temporary files, under a hash of everything
 * that they depend on, so that a bench that is run again does not train again.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Executor } from '../../src/core/execution/executor.ts';
import { writeFileWhole } from '../../src/engine/artifacts/write-file-whole.ts';
import { createOrtExecutor } from '../../src/engine/runtime/ort-executor.ts';
import { trainClassifier } from '../../src/engine/training/train-classifier.ts';
import { cachePath } from '../data/cache-path.ts';
import type { StudyImages } from '../data/study-images.ts';
import type { Recipe } from './recipes.ts';

/** Steps of these small networks gain nothing from a second thread; and equal threads give equal bits. */
const THREADS = 1;

export class TrainedModels {
  readonly executor: Executor = createOrtExecutor({ threads: THREADS });
  readonly images: StudyImages;
  readonly recipe: Recipe;
  readonly #seed: number;
  readonly #data: string;
  trained = 0;
  seconds = 0;

  constructor(images: StudyImages, recipe: Recipe, seed: number) {
    this.images = images;
    this.recipe = recipe;
    this.#seed = seed;
    this.#data = hashOf(images);
  }

  /** Parameters of a model that learned these rows; `stream` names its random streams. */
  async parametersOf(rows: Int32Array, stream: string): Promise<Float32Array> {
    const { classifier, settings } = this.recipe;
    const key = createHash('sha256')
      .update(JSON.stringify([this.#data, classifier.config, settings, this.#seed, stream, THREADS]))
      .update(rows)
      .digest('hex');
    const file = path.join(cachePath, `${key.slice(0, 32)}.f32`);
    if (existsSync(file)) {
      const bytes = readFileSync(file);
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    }
    const parameters = await this.#train(rows, stream);
    mkdirSync(cachePath, { recursive: true });
    writeFileWhole(file, [new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)]);
    return parameters;
  }

  async #train(rows: Int32Array, stream: string): Promise<Float32Array> {
    const start = performance.now();
    const { pixels, labels, normalization } = this.images;
    const { classifier, settings } = this.recipe;
    const { parameters } = await trainClassifier(this.executor, {
      ...{ classifier, pixels, normalization, labels, stream },
      origin: 'bench',
      settings: { ...settings, seed: this.#seed },
      trainRows: rows,
      validationRows: new Int32Array(0),
      checkpointPath: null,
    });
    this.trained++;
    this.seconds += (performance.now() - start) / 1000;
    return parameters;
  }
}

function hashOf({ pixels, labels, normalization }: StudyImages): string {
  const bytes = new Uint8Array(pixels.count * pixels.channels * pixels.size ** 2);
  pixels.read(
    Int32Array.from(labels, (_, row) => row),
    bytes,
  );
  return createHash('sha256')
    .update(JSON.stringify(normalization))
    .update(labels)
    .update(bytes)
    .digest('hex');
}
