/** @file What measuring a method by training again would take: the trainings, by the model's own, and an attribution of the queries. */
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';
import type {
  EvaluateBrittlenessConfig,
  EvaluateLdsConfig,
  EvaluateLeaveOneOutConfig,
} from '../../../contract/evaluation-configs.ts';
import type { ModelId } from '../../../contract/vocabulary.ts';
import type { Connection } from '../../storage/connection.ts';
import { listPresentSamples } from '../../storage/labelled-samples.ts';
import { readModel } from '../../storage/models.ts';
import { attributionResources, attributionWork, membersSeconds } from './estimate-attribution.ts';
import { FLOAT_BYTES, type Estimator } from './estimator.ts';
import { trainingSecondsOf } from './model-training.ts';

interface Measuring extends AttributionChoices {
  readonly modelId: ModelId | null;
  readonly queryCount: number;
}

/** Random removals of each size, as the run draws them, and one training without any. */
const CONTROL_DRAWS = 3;

export const ldsEstimator = byTraining<EvaluateLdsConfig>({
  trainings: ({ subsets, repeats }) => subsets * repeats,
  share: ({ share }) => share,
});

export const leaveOneOutEstimator = byTraining<EvaluateLeaveOneOutConfig>({
  trainings: ({ removals, repeats }) => (removals + 1) * repeats,
});

export const brittlenessEstimator = byTraining<EvaluateBrittlenessConfig>({
  trainings: ({ queryCount, removals, repeats }) =>
    (queryCount * removals.length + CONTROL_DRAWS * removals.length + 1) * repeats,
});

/** `trainings`: how many; `share`: of the images that each learns from. */
function byTraining<Config extends Measuring>({
  trainings,
  share = () => 1,
}: {
  readonly trainings: (config: Config) => number;
  readonly share?: (config: Config) => number;
}): Estimator<Config> {
  return {
    trainingSeconds: (connection, config) => {
      const once = trainingSecondsOf(connection, config.modelId);
      const members = membersSeconds(connection, config);
      return once === null || members === null ? null : once * share(config) * trainings(config) + members;
    },
    work: (connection, config) => {
      const { kind, amount } = attributionWork(connection, config);
      return { kind, amount: amount * attributedShare(connection, config) };
    },
    resources: (connection, config) => {
      const { memoryBytes, diskBytes } = attributionResources(connection, config);
      const { classIds, parameterCount } = readModel(connection, config.modelId);
      const outputs = trainings(config) * config.queryCount * classIds.length * FLOAT_BYTES;
      // A training's parameters and optimiser state, there before and after a step.
      const stateBytes = parameterCount * FLOAT_BYTES * 6;
      return { memoryBytes: memoryBytes + stateBytes, diskBytes: diskBytes + outputs };
    },
  };
}

/** What is attributed of all images: what was learned, and the queries. */
function attributedShare(connection: Connection, { modelId, queryCount }: Measuring): number {
  const { trainCount } = readModel(connection, modelId);
  const images = listPresentSamples(connection).length;
  return images === 0 ? 1 : Math.min(1, (trainCount + queryCount) / images);
}
