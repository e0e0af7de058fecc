/** @file What all ways to score groups are given, and what they answer. */
import type { Matrix64 } from '../../core/linalg/matrix.ts';
import type { AttributionCost } from '../../contract/attribution-choices.ts';
import type { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import type { GroupControl, QueryGroupScores } from '../../contract/groups-service.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LoadedDenoiser } from '../generating/loaded-denoiser.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { StoredQuery } from '../storage/queries.ts';
import type { ScoredGroups } from './judged-groups.ts';
import type { LearnedGroup } from './learned-groups.ts';

export interface GroupWork {
  readonly folder: ProjectFolder;
  readonly config: AttributeGroupsConfig;
  readonly context: Pick<RunContext, 'signal' | 'progress'>;
  readonly tools: ComputeTools;
  readonly model: LoadedDenoiser;
  readonly queries: readonly StoredQuery[];
  readonly groups: readonly LearnedGroup[];
}

export interface FoundGroups {
  /** The first rows are the queries, in order. */
  readonly scored: ScoredGroups;
  /** Scores of each repeat, [rows of `scored`, groups]; one where nothing is repeated. */
  readonly repeats: readonly Matrix64[];
  readonly controls: (judged: readonly QueryGroupScores[]) => GroupControl[];
  readonly cost: AttributionCost;
}
