/** @file Training models that make images, and having them make some. */
import type { Model } from '../../contract/models-service.ts';
import { SampleImagesConfig, TrainDenoiserConfig } from '../../contract/generation-configs.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { Models } from './models.svelte.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Generation {
  readonly training: PlannedRun<TrainDenoiserConfig>;
  readonly making: PlannedRun<SampleImagesConfig>;
  readonly #models: Models;
  readonly #runs: Runs;

  constructor(project: Project, models: Models, runs: Runs, toasts: Toasts) {
    this.#models = models;
    this.#runs = runs;
    this.training = new PlannedRun(runs, toasts, TrainDenoiserConfig.parse({}), (config) => ({
      kind: 'train-denoiser',
      config,
    }));
    this.making = new PlannedRun(runs, toasts, SampleImagesConfig.parse({}), (config) => ({
      kind: 'sample-images',
      config,
    }));
    project.onOpened(() => {
      this.training.config = TrainDenoiserConfig.parse({});
      this.making.config = SampleImagesConfig.parse({});
    });
  }

  /** The training under way or waiting, the one nearest to its end first; null where there is none. */
  get trainingRun(): Run | null {
    return this.#runs.active.findLast((run) => run.kind === 'train-denoiser') ?? null;
  }

  /** The making under way or waiting; null where there is none. */
  get makingRun(): Run | null {
    return this.#runs.active.findLast((run) => run.kind === 'sample-images') ?? null;
  }

  /** The model that images are made by: the chosen one, else the newest. */
  get maker(): Model | null {
    const makers = this.#models.learned('generate');
    return makers.find((model) => model.id === this.making.config.modelId) ?? makers[0] ?? null;
  }

  prepareMaking(modelId: ModelId | null): void {
    const { prompt, guidance } = SampleImagesConfig.parse({});
    this.making.change({ modelId, classId: null, prompt, guidance });
  }

  /** With as many steps as suit the sampler: DDPM wants all of the schedule. */
  chooseSampler(sampler: SampleImagesConfig['sampler']): void {
    const allSteps = this.maker?.denoiser?.timesteps;
    const usual = SampleImagesConfig.parse({}).steps;
    this.making.change({ sampler, steps: sampler === 'ddpm' ? (allSteps ?? usual) : usual });
  }
}
