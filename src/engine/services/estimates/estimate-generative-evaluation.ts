/** @file What measuring methods of a generative model by training again would take: the trainings, by the model's own, and scoring the queries. */
import type {
  EvaluateCounterfactualConfig,
  EvaluateGenerativeLdsConfig,
  EvaluateGroupsConfig,
} from '../../../contract/generation-evaluation-configs.ts';
import { AttributeGroupsConfig, AttributeQueriesConfig } from '../../../contract/generation-configs.ts';
import type { ModelId } from '../../../contract/vocabulary.ts';
import type { Connection } from '../../storage/connection.ts';
import {
  denoiserTrainingSeconds,
  groupAttributionEstimator,
  queryAttributionEstimator,
  queryCount,
} from './estimate-generation.ts';
import type { Estimator, Resources } from './estimator.ts';

export const generativeLdsEstimator: Estimator<EvaluateGenerativeLdsConfig> = {
  ...queryAttributionEstimator,
  trainingSeconds: (connection, config) =>
    trainings(connection, config.modelId, config.subsets * config.repeats),
  work: (connection, config) =>
    queryAttributionEstimator.work(connection, AttributeQueriesConfig.parse(config)),
  resources: (connection, config) =>
    withKept(
      queryAttributionEstimator.resources(connection, AttributeQueriesConfig.parse(config)),
      8 * config.subsets * config.repeats * queryCount(connection, config),
    ),
};

/** Of the trainings without each group; how long the ways that are compared take shows once they run. */
export const groupsEvaluationEstimator: Estimator<EvaluateGroupsConfig> = {
  work: (connection, config) => groupAttributionEstimator.work(connection, truthOf(config)),
  trainingSeconds: (connection, config) =>
    groupAttributionEstimator.trainingSeconds(connection, truthOf(config)),
  resources: (connection, config) => groupAttributionEstimator.resources(connection, truthOf(config)),
};

function truthOf(config: EvaluateGroupsConfig): AttributeGroupsConfig {
  return AttributeGroupsConfig.parse({ ...config, method: 'logo', controls: 0 });
}

export const counterfactualEstimator: Estimator<EvaluateCounterfactualConfig> = {
  work: (connection, config) => queryAttributionEstimator.work(connection, scoringOf(config)),
  trainingSeconds: (connection, config) => {
    const methods = new Set([...config.methods, 'random']).size;
    return trainings(connection, config.modelId, methods * movedCount(connection, config));
  },
  resources: (connection, config) => queryAttributionEstimator.resources(connection, scoringOf(config)),
};

/** The first method that is no chance stands for all. */
function scoringOf({ methods, ...config }: EvaluateCounterfactualConfig): AttributeQueriesConfig {
  return AttributeQueriesConfig.parse({ ...config, method: methods.find((method) => method !== 'random') });
}

function movedCount(
  connection: Connection,
  { queries, queryCount: drawn }: EvaluateCounterfactualConfig,
): number {
  return queries.length > 0 ? queries.length : Math.min(drawn, queryCount(connection, { queries }));
}

/** A training takes as many steps whatever it learns from. */
function trainings(connection: Connection, modelId: ModelId | null, count: number): number | null {
  const once = denoiserTrainingSeconds(connection, modelId);
  return once === null ? null : once * count;
}

async function withKept(resources: Resources | Promise<Resources>, bytes: number): Promise<Resources> {
  const { memoryBytes, diskBytes } = await resources;
  return { memoryBytes, diskBytes: diskBytes + bytes };
}
