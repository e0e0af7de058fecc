/** @file What the members of an ensemble are made from. */
import type { CancelSignal } from '../../../core/base/cancel-signal.ts';
import type { Executor } from '../../../core/execution/executor.ts';
import type { Recipe } from '../../evaluating/recipe.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { PresentSample } from '../../storage/labelled-samples.ts';
import type { LabelledRow, LoadedModel } from '../loaded-model.ts';

/** The model that is explained. A project's is made by `prepareMembers`; without a project any will do. */
export type EnsembleModel = Pick<
  LoadedModel,
  'classifier' | 'parameters' | 'parametersSha256' | 'normalization' | 'pixels'
> & {
  /** Every image, in the order of the pixel rows. */
  readonly samples: readonly Pick<PresentSample, 'sha256'>[];
  readonly learned: readonly Pick<LabelledRow, 'row' | 'classIndex'>[];
};

export interface MemberWork {
  readonly model: EnsembleModel;
  /** How a model like it is trained; asked for where there is something to train. */
  readonly recipe: () => Pick<Recipe, 'network' | 'origin' | 'settings' | 'epochs'>;
  /** Folder of the checkpoints of the model's own training. */
  readonly checkpointsPath: string;
  /** For messages. */
  readonly modelId: number;
  readonly executor: Executor;
  /** Folder of what is trained, one folder each. */
  readonly path: string;
  readonly signal?: CancelSignal | undefined;
  /** `fraction` of all that there is to train. */
  readonly progress: RunContext['progress'];
}
