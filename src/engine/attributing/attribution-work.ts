/** @file What all parts of one attribution share. */
import type { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { AttributionMethod } from '../../core/attribution/method.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { ComputeTools } from './compute-tools.ts';
import type { LoadedModel } from './loaded-model.ts';

export interface AttributionWork {
  readonly folder: Pick<ProjectFolder, 'featuresPath' | 'cachePath'>;
  readonly model: LoadedModel;
  readonly method: AttributionMethod;
  readonly choices: AttributionChoices;
  readonly context: Pick<RunContext, 'signal' | 'progress'>;
  readonly tools: ComputeTools;
  /** Of the loss that the model was trained on; 0 where it had none or that is not known. */
  readonly weightDecay: number;
}
