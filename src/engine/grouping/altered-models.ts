/** @file Models without some of the training images: unlearned, or trained again; made when they are asked for, measured, and let go. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeMatrix, type Matrix64 } from '../../core/linalg/matrix.ts';
import { Random } from '../../core/base/random.ts';
import type { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import { keptNumbers } from '../artifacts/kept-numbers.ts';
import { writeVectorFile } from '../artifacts/vector-file.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { conditionName } from '../generating/denoiser.ts';
import { DenoiserRetrainer } from '../generating/denoiser-retrainer.ts';
import type { LoadedDenoiser } from '../generating/loaded-denoiser.ts';
import { measureErrors } from '../generating/query-errors.ts';
import type { QuerySet } from '../generating/query-set.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { classPrototypes } from './class-prototypes.ts';
import { Unlearner } from './unlearn.ts';
import { settleTarget } from './unlearning-target.ts';

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
  readonly #retrainer: DenoiserRetrainer;
  #unlearner: Unlearner | null = null;
  /** Of making the models that were asked for and of measuring them, whenever that was done. */
  readonly seconds = { making: 0, measuring: 0 };

  constructor(work: AlteringWork) {
    this.#work = work;
    this.#path = join(work.folder.cachePath, 'altered');
    const { folder, model, tools, context } = work;
    this.#retrainer = new DenoiserRetrainer({
      folder,
      model,
      executor: tools.executor,
      signal: context.signal,
    });
    mkdirSync(this.#path, { recursive: true });
  }

  /** Of the model itself. */
  whole(): Promise<Matrix64> {
    return this.#kept('whole', () => Promise.resolve(this.#work.model.average));
  }

  /** Of the model without the images; `repeat` names other seeds. `onProgress`: 0 … 1 of this one. */
  without(removal: Removal, repeat: number, onProgress: (fraction: number) => void): Promise<Matrix64> {
    const { keepModels } = this.#work.config;
    const make = async (hash: string): Promise<Float32Array> => {
      const parameters = await this.#alter(removal, repeat, hash, onProgress);
      if (keepModels) this.#keepModel(removal, repeat, hash, parameters);
      return parameters;
    };
    const isThere = (hash: string): boolean => !keepModels || existsSync(this.#modelFile(hash));
    return this.#kept(`${repeat} ${removal.places.join(' ')}`, make, isThere);
  }

  async dispose(): Promise<void> {
    await this.#unlearner?.dispose();
    await this.#retrainer.dispose();
    this.#unlearner = null;
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
    if (config.method === 'logo')
      return this.#retrainer.plan(retained, repeat).train(join(this.#path, `${hash}.checkpoint`), onProgress);
    this.#unlearner ??= this.#openUnlearner(config.method);
    const seed = new Random(config.seed, `unlearning, repeat ${repeat}`).uint32();
    return this.#unlearner.unlearn({ forgotten, retained, seed, onProgress });
  }

  #openUnlearner(method: 'guda' | 'ascent'): Unlearner {
    const { folder, model, config, tools, context } = this.#work;
    const labels = new Int32Array(model.samples.length).fill(-1);
    for (const { row, classIndex } of model.learned) labels[row] = classIndex;
    const { denoiser, average: parameters, images } = model;
    const choices = { ...config, method };
    return new Unlearner({
      ...{ ...tools, denoiser, parameters, images, labels, choices, signal: context.signal },
      prototypes: classPrototypes(folder.path, model),
    });
  }

  #measure(parameters: Float32Array): Promise<Matrix64> {
    const { model, config, tools, context, measured, steps } = this.#work;
    const plan = { steps, seed: config.seed, signal: context.signal };
    return measureErrors(tools.executor, model.denoiser, parameters, measured, plan);
  }

  /** Kept with the errors is what they took, so that a run that goes on knows it too. `isThere`: whether what is to be kept beside them is. */
  async #kept(
    what: string,
    make: (hash: string) => Promise<Float32Array>,
    isThere: (hash: string) => boolean = () => true,
  ): Promise<Matrix64> {
    const { measured, steps } = this.#work;
    const hash = createHash('sha256').update(this.#identity()).update(what).digest('hex').slice(0, 32);
    const file = join(this.#path, `${hash}.f64`);
    if (!isThere(hash)) rmSync(file, { force: true });
    const count = measured.keys.length * steps.length;
    const kept = await keptNumbers(file, count + 2, async () => {
      const started = performance.now();
      const parameters = await make(hash);
      const made = performance.now();
      const { data } = await this.#measure(parameters);
      const numbers = new Float64Array(count + 2);
      numbers.set(data);
      numbers.set([(made - started) / 1000, (performance.now() - made) / 1000], count);
      return numbers;
    });
    const [making, measuring] = kept.subarray(count);
    this.seconds.making += making!;
    this.seconds.measuring += measuring!;
    return makeMatrix(measured.keys.length, steps.length, kept.subarray(0, count));
  }

  /** Of everything that the errors depend on besides what is taken out. */
  #identity(): string {
    const { model, config, measured, steps } = this.#work;
    const { method, seed } = config;
    const unlearning = method === 'logo' ? null : unlearningIdentity(config, model);
    const learned = createHash('sha256');
    for (const { row, classIndex } of model.learned)
      learned.update(`${model.samples[row]!.sha256} ${classIndex}\n`);
    return JSON.stringify({
      model: model.averageSha256,
      learned: learned.digest('hex'),
      ...{ method, seed, unlearning },
      measured: measured.keys.map(
        (key, place) => `${key} ${conditionName(model.denoiser, measured.classIndices[place]!)}`,
      ),
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

/** The choices that an unlearning depends on. */
function unlearningIdentity(config: AlteringWork['config'], { denoiser }: LoadedDenoiser): object {
  const { steps, batchSize, learningRate, forgetWeight, neighbours, retainLoss } = config;
  const { anchors, anchorSharpness, anchorUniformShare } = config;
  const target = config.method === 'guda' ? settleTarget(config.target, denoiser) : null;
  return {
    ...{ steps, batchSize, learningRate, forgetWeight, neighbours, retainLoss, target },
    ...(target === 'anchor' ? { anchors, anchorSharpness, anchorUniformShare } : {}),
  };
}
