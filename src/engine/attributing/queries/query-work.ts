/** @file What all parts of one attribution of query images share. */
import type { DiffusionMethod } from '../../../core/attribution/diffusion-registry.ts';
import type { DiffusionChoices } from '../../../contract/generation-configs.ts';
import type { LoadedDenoiser } from '../../generating/loaded-denoiser.ts';
import type { ViewedImage } from '../../generating/views.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import type { ComputeTools } from '../compute-tools.ts';

/** A query as it is shown to the model, and as the steps of its making were. */
export interface AskedImage extends ViewedImage {
  /** Only of methods that follow it. */
  readonly journey: ViewedImage['views'] | null;
}

export interface QueryWork {
  readonly folder: Pick<ProjectFolder, 'featuresPath' | 'cachePath' | 'modelsPath' | 'connection'>;
  readonly model: LoadedDenoiser;
  readonly method: DiffusionMethod;
  readonly choices: DiffusionChoices;
  readonly context: Pick<RunContext, 'signal' | 'progress'>;
  readonly tools: Pick<ComputeTools, 'executor' | 'matrixEngine'>;
}
