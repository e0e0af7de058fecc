/** @file What choosing a subset would take: the scores of its strategy, and trainings on subsets where its effect is measured. */
import type {
  EvaluateSelectionConfig,
  SelectConfig,
  SelectionStrategy,
} from '../../../contract/selection-config.ts';
import type { Connection } from '../../storage/connection.ts';
import { listPresentSamples } from '../../storage/labelled-samples.ts';
import { attributionResources, attributionWork, membersSeconds } from './estimate-attribution.ts';
import { PROGRAM_BYTES, type Estimator, type Resources } from './estimator.ts';
import { trainingSecondsOf } from './model-training.ts';

/** Similarities held at a time, and the embeddings they are of. */
const DIVERSITY_BYTES = 200e6;
/** Of a member with its index, or of the kept outputs of a training. */
const KEPT_BYTES = 100;

type Choices = Omit<SelectConfig, 'strategy' | 'name' | 'repeats' | 'subsetId'>;

export const selectEstimator: Estimator<SelectConfig> = {
  // A run that also trains tells nothing about the speed of scoring.
  work: (connection, config) =>
    config.repeats > 0 ? null : scoringWork(connection, config, [config.strategy]),
  trainingSeconds: (connection, config) =>
    secondsOf(connection, config, config.subsetId === null ? [config.strategy] : [], 2 * config.repeats),
  resources: (connection, config) => resourcesOf(connection, config, [config.strategy], 2 * config.repeats),
};

export const selectionEvaluationEstimator: Estimator<EvaluateSelectionConfig> = {
  work: () => null,
  trainingSeconds: (connection, config) =>
    secondsOf(connection, config, config.strategies, trainingsOf(config)),
  resources: (connection, config) => resourcesOf(connection, config, config.strategies, trainingsOf(config)),
};

/** Each strategy from both ends of its ranking, and random. */
function trainingsOf({ strategies, repeats }: EvaluateSelectionConfig): number {
  return repeats * (1 + 2 * strategies.filter((strategy) => strategy !== 'random').length);
}

function needsAttribution(strategies: readonly SelectionStrategy[]): boolean {
  return strategies.includes('influence') || strategies.includes('self-influence');
}

function scoringWork(connection: Connection, choices: Choices, strategies: readonly SelectionStrategy[]) {
  if (needsAttribution(strategies)) {
    const { kind, amount } = attributionWork(connection, choices);
    return { kind: `select by ${kind}`, amount };
  }
  return { kind: `select ${strategies.join(' ')}`, amount: listPresentSamples(connection).length };
}

/** A training on a share of the images takes that share of the model's own. */
function secondsOf(
  connection: Connection,
  choices: Choices,
  strategies: readonly SelectionStrategy[],
  trainings: number,
): number | null {
  const members = needsAttribution(strategies) ? membersSeconds(connection, choices) : 0;
  if (trainings === 0) return members;
  const once = trainingSecondsOf(connection, choices.modelId);
  return members === null || once === null ? null : members + trainings * choices.share * once;
}

function resourcesOf(
  connection: Connection,
  choices: Choices,
  strategies: readonly SelectionStrategy[],
  trainings: number,
): Resources {
  const scoring = needsAttribution(strategies)
    ? attributionResources(connection, choices)
    : { memoryBytes: PROGRAM_BYTES, diskBytes: 0 };
  const images = listPresentSamples(connection).length;
  const pairs = strategies.includes('diversity') ? PROGRAM_BYTES + DIVERSITY_BYTES : 0;
  return {
    memoryBytes: Math.max(scoring.memoryBytes, pairs),
    diskBytes: scoring.diskBytes + images * KEPT_BYTES * (1 + trainings),
  };
}
