/** @file Models without some of the training images: unlearned, or trained again; made when they are asked for, measured, and let go. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeMatrix, type Matrix64 } from '../../core/linalg/matrix.ts';
import { Random } from '../../core/base/random.ts';
import type { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { writeVectorFile } from '../artifacts/vector-file.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { DenoiserSteps } from '../generating/denoiser-steps.ts';
import type { LoadedDenoiser } from '../generating/loaded-denoiser.ts';
import { measureErrors } from '../generating/query-errors.ts';
import type { QuerySet } from '../generating/query-set.ts';
import { modelStream, retrainingOf } from '../generating/retraining.ts';
import { stepOptionsOf, trainDenoiser } from '../generating/train-denoiser.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { Unlearner } from './unlearn.ts';

export interface AlteringWork {
  readonly folder: ProjectFolder;
  readonly model: LoadedDenoiser;
  readonly config: AttributeGroupsConfig & { readonly method: 'guda' | 'ascent' | 'logo' };
  readonly context: Pick<RunContext, 'signal' | 'progress'>;
  readonly tools: Pick<ComputeTools, 'executor' | 'matrixEngine'>;
  readonly measured: QuerySet;
  /** Steps of time at which the measured images are measured. */
  readonly steps: Int32Array;
}

/** What is taken out: places in `model.learned`. */
export interface Removal {
  readonly name: string;
  readonly places: Int32Array;
}

/** ‖ε − ε̂‖² [measured, steps] of models without some images. What was measured is kept: a run that goes on does not make the models again. */
export class AlteredModels {
  readonly #work: AlteringWork;
  readonly #path: string;
  #unlearner: Unlearner | null = null;
  #training: { readonly batchSize: number; readonly steps: DenoiserSteps } | null = null;
  /** Of making models and of measuring, so far. */
  readonly seconds = { making: 0, measuring: 0 };

  constructor(work: AlteringWork) {
    this.#work = work;
    this.#path = join(work.folder.cachePath, 'altered');
    mkdirSync(this.#path, { recursive: true });
  }

  /** Of the model itself. */
  whole(): Promise<Matrix64> {
    return this.#kept('whole', () => this.#measure(this.#work.model.average));
  }

  /** Of the model without the images; `repeat` names other seeds. `onProgress`: 0 … 1 of this one. */
  without(removal: Removal, repeat: number, onProgress: (fraction: number) => void): Promise<Matrix64> {
    const { keepModels } = this.#work.config;
    const make = async (hash: string): Promise<Matrix64> => {
      const start = performance.now();
      const parameters = await this.#alter(removal, repeat, hash, onProgress);
      this.seconds.making += (performance.now() - start) / 1000;
      if (keepModels) this.#keepModel(removal, repeat, hash, parameters);
      return this.#measure(parameters);
    };
    const isThere = (hash: string): boolean => !keepModels || existsSync(this.#modelFile(hash));
    return this.#kept(`${repeat} ${removal.places.join(' ')}`, make, isThere);
  }

  async dispose(): Promise<void> {
    await this.#unlearner?.dispose();
    await this.#training?.steps.dispose();
    this.#unlearner = null;
    this.#training = null;
  }

  async #alter(
    { places }: Removal,
    repeat: number,
    hash: string,
    onProgress: (fraction: number) => void,
  ): Promise<Float32Array> {
    const { model, config } = this.#work;
    const out = new Set(places);
    const rowsWhere = (isOut: boolean): Int32Array =>
      Int32Array.from(model.learned.flatMap(({ row }, place) => (out.has(place) === isOut ? [row] : [])));
    const [forgotten, retained] = [rowsWhere(true), rowsWhere(false)];
    if (config.method === 'logo') return this.#retrain(retained, repeat, hash, onProgress);
    this.#unlearner ??= this.#openUnlearner(config.method);
    const seed = new Random(config.seed, `unlearning, repeat ${repeat}`).uint32();
    return this.#unlearner.unlearn({ forgotten, retained, seed, onProgress });
  }

  #openUnlearner(method: 'guda' | 'ascent'): Unlearner {
    const { model, config, tools, context } = this.#work;
    const labels = new Int32Array(model.samples.length).fill(-1);
    for (const { row, classIndex } of model.learned) labels[row] = classIndex;
    const { denoiser, average: parameters, pixels } = model;
    const choices = { ...config, method };
    return new Unlearner({ ...tools, denoiser, parameters, pixels, labels, choices, signal: context.signal });
  }

  /** By the model's own recipe and from its own first parameters, so that trainings differ in their images and, between repeats, in their order and noise. */
  async #retrain(
    rows: Int32Array,
    repeat: number,
    hash: string,
    onProgress: (fraction: number) => void,
  ): Promise<Float32Array> {
    const { folder, model, tools, context } = this.#work;
    const stream = repeat === 0 ? modelStream : `repeat ${repeat}`;
    const { task } = retrainingOf(folder, model, { rows, stream, initialStream: modelStream });
    const options = stepOptionsOf(task.settings, rows.length);
    if (this.#training?.batchSize !== options.batchSize) {
      await this.#training?.steps.dispose();
      const steps = await DenoiserSteps.open(tools.executor, model.denoiser, options);
      this.#training = { batchSize: options.batchSize, steps };
    }
    const checkpointPath = join(this.#path, `${hash}.checkpoint`);
    const { average } = await trainDenoiser(
      tools.executor,
      {
        ...task,
        checkpointPath,
        signal: context.signal,
        onStep: ({ step }) => onProgress(step / task.settings.steps),
      },
      this.#training.steps,
    );
    rmSync(checkpointPath, { force: true });
    return average;
  }

  async #measure(parameters: Float32Array): Promise<Matrix64> {
    const { model, config, tools, context, measured, steps } = this.#work;
    const start = performance.now();
    const plan = { steps, seed: config.seed, signal: context.signal };
    const errors = await measureErrors(tools.executor, model.denoiser, parameters, measured, plan);
    this.seconds.measuring += (performance.now() - start) / 1000;
    return errors;
  }

  /** `isThere`: whether what is to be kept beside the errors is. */
  async #kept(
    what: string,
    make: (hash: string) => Promise<Matrix64>,
    isThere: (hash: string) => boolean = () => true,
  ): Promise<Matrix64> {
    const { measured, steps } = this.#work;
    const hash = createHash('sha256').update(this.#identity()).update(what).digest('hex').slice(0, 32);
    const file = join(this.#path, `${hash}.f64`);
    const [rows, columns] = [measured.keys.length, steps.length];
    if (existsSync(file) && isThere(hash)) {
      const bytes = Uint8Array.from(readFileSync(file));
      if (bytes.length === rows * columns * 8)
        return makeMatrix(rows, columns, new Float64Array(bytes.buffer));
    }
    const errors = await make(hash);
    const { buffer, byteOffset, byteLength } = errors.data;
    writeFileWhole(file, [new Uint8Array(buffer, byteOffset, byteLength)]);
    return errors;
  }

  /** Of everything that the errors depend on besides what is taken out. */
  #identity(): string {
    const { model, config, measured, steps } = this.#work;
    const { method, seed, batchSize, learningRate, forgetWeight, neighbours, retainLoss, target } = config;
    const unlearning =
      method === 'logo'
        ? null
        : { steps: config.steps, batchSize, learningRate, forgetWeight, neighbours, retainLoss, target };
    const learned = createHash('sha256');
    for (const { row, classIndex } of model.learned)
      learned.update(`${model.samples[row]!.sha256} ${classIndex}\n`);
    return JSON.stringify({
      model: model.averageSha256,
      learned: learned.digest('hex'),
      ...{ method, seed, unlearning },
      measured: measured.keys.map((key, place) => `${key} ${measured.classIndices[place]!}`),
      steps: [...steps],
    });
  }

  #keepModel({ name }: Removal, repeat: number, hash: string, parameters: Float32Array): void {
    const { folder, model, config } = this.#work;
    mkdirSync(join(folder.modelsPath, 'altered'), { recursive: true });
    const header = { model: model.id, method: config.method, without: name, repeat };
    writeVectorFile(this.#modelFile(hash), header, [parameters]);
  }

  #modelFile(hash: string): string {
    return join(this.#work.folder.modelsPath, 'altered', `${hash}.f32`);
  }
}
