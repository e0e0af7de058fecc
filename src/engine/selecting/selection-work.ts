/** @file What choosing works with, and what a strategy says about the candidates. */
import type { SelectConfig } from '../../contract/selection-config.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { CandidateSet } from './candidates.ts';

/** What one subset and a comparison of several are chosen by. */
export type SelectionChoices = Omit<SelectConfig, 'strategy' | 'name' | 'repeats' | 'subsetId'>;

export interface SelectionWork {
  readonly folder: ProjectFolder;
  readonly choices: SelectionChoices;
  readonly model: LoadedModel;
  readonly candidates: CandidateSet;
  readonly context: Pick<RunContext, 'signal' | 'progress'>;
  readonly tools: ComputeTools;
}

export interface CandidateScores {
  /** One per candidate; not a number where there is none. */
  readonly scores: Float64Array;
  /** How many targets' margins the scores add up; null where they are no estimate of an effect. */
  readonly targets: number | null;
}
