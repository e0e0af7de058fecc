/** @file What distilling a synset, asking it and judging it by training again would take. */
import type {
  DistilConfig,
  EvaluateDatamodelConfig,
  QueryDatamodelConfig,
} from '../../../contract/datamodel-configs.ts';
import type { ModelId } from '../../../contract/vocabulary.ts';
import type { Connection } from '../../storage/connection.ts';
import { readModel } from '../../storage/models.ts';
import { listSynsets, type StoredSynset } from '../../storage/synsets.ts';
import { FLOAT_BYTES, PROGRAM_BYTES, type Estimator } from './estimator.ts';
import { trainingSecondsOf } from './model-training.ts';

/** What the values of the programs may take (engine/distilling). */
const LARGEST_PROGRAM_BYTES = 768 * 2 ** 20;

function clustersOf(connection: Connection, { modelId, clustersPerClass }: DistilConfig): number {
  return readModel(connection, modelId).classIds.length * clustersPerClass;
}

export const distilEstimator: Estimator<DistilConfig> = {
  work: (connection, config) => {
    const { architecture, imageSize } = readModel(connection, config.modelId);
    const images = clustersOf(connection, config) * config.imagesPerCluster;
    return { kind: `distil ${architecture}`, amount: images * config.iterations * imageSize ** 2 };
  },
  trainingSeconds: () => 0,
  resources: (connection, config) => {
    const { parameterCount } = readModel(connection, config.modelId);
    const gradientBytes = clustersOf(connection, config) * parameterCount * FLOAT_BYTES;
    return {
      memoryBytes: PROGRAM_BYTES + LARGEST_PROGRAM_BYTES + (config.checkpoints + 2) * gradientBytes,
      // Of each checkpoint until it is done; one set of corrections stays.
      diskBytes: (config.checkpoints + 1) * gradientBytes,
    };
  },
};

/** null where there is none yet. */
function synsetOf(
  connection: Connection,
  { synsetId, modelId }: Pick<QueryDatamodelConfig, 'synsetId' | 'modelId'>,
): StoredSynset | null {
  return (
    listSynsets(connection).find(
      (synset) =>
        (synsetId === null || synset.id === synsetId) && (modelId === null || synset.modelId === modelId),
    ) ?? null
  );
}

function resourcesOf(
  connection: Connection,
  modelId: ModelId | null,
  clusterCount: number,
): { memoryBytes: number; diskBytes: number } {
  const { parameterCount } = readModel(connection, modelId);
  const correctionBytes = clusterCount * parameterCount * FLOAT_BYTES;
  return { memoryBytes: PROGRAM_BYTES + LARGEST_PROGRAM_BYTES + 2 * correctionBytes, diskBytes: 0 };
}

export const datamodelQueryEstimator: Estimator<QueryDatamodelConfig> = {
  work: (connection, config) => {
    const synset = synsetOf(connection, config);
    if (synset === null) return null;
    const { architecture } = readModel(connection, synset.modelId);
    const models = config.masks === 'random' ? config.randomMasks : synset.clusterCount;
    const images = synset.clusterCount * synset.choices.imagesPerCluster;
    return { kind: `ask ${architecture}`, amount: models * (images * config.steps + config.queryCount) };
  },
  trainingSeconds: () => 0,
  resources: (connection, config) => {
    const synset = synsetOf(connection, config);
    const found = resourcesOf(connection, synset?.modelId ?? config.modelId, synset?.clusterCount ?? 0);
    return { ...found, diskBytes: config.queryCount * (synset?.clusterCount ?? 0) * FLOAT_BYTES };
  },
};

export const datamodelEvaluationEstimator: Estimator<EvaluateDatamodelConfig> = {
  work: () => null,
  trainingSeconds: (connection, config) => {
    const synset = synsetOf(connection, config);
    if (synset === null) return null;
    const once = trainingSecondsOf(connection, synset.modelId);
    const trainings = config.repeats * (1 + Math.min(config.removals, synset.clusterCount));
    return once === null ? null : once * trainings;
  },
  resources: (connection, config) => {
    const synset = synsetOf(connection, config);
    return resourcesOf(connection, synset?.modelId ?? config.modelId, synset?.clusterCount ?? 0);
  },
};
