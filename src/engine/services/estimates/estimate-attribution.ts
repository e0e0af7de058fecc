/** @file What an attribution would take: trainings of its members, gradients of all images for each, and what stands between. */
import { attributionMethods } from '../../../core/attribution/registry.ts';
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';
import type { AttributeConfig } from '../../../contract/runs-service.ts';
import type { ModelId } from '../../../contract/vocabulary.ts';
import type { Connection } from '../../storage/connection.ts';
import { listPresentSamples } from '../../storage/labelled-samples.ts';
import { readModel } from '../../storage/models.ts';
import { ensembleSize } from './ensemble-size.ts';
import { FLOAT_BYTES, PROGRAM_BYTES, type Estimator, type Resources, type RunWork } from './estimator.ts';
import { epochsOf, trainingSecondsOf } from './model-training.ts';

/** A forward pass beside forward, backward and projection. */
const FORWARD_SHARE = 0.3;
/** Width of the embedding of the usual networks. */
const EMBEDDING_WIDTH = 512;
/** Adapters beside the parameters of their model. */
const ADAPTER_SHARE = 0.1;
/** A batch of gradients, a group of scores, blocks of features. */
const BUFFER_BYTES = 400e6;
/** Of a solve on whole gradients. */
const SOLVE_BYTES = 512 * 2 ** 20;
/** Of one kept influence with its indexes. */
const INFLUENCE_BYTES = 24;

/** Any run that attributes: its choices and the model it is about. */
type Attributing = AttributionChoices & { readonly modelId: ModelId | null };

export const attributionEstimator: Estimator<AttributeConfig> = {
  work: (connection, config) => attributionWork(connection, config),
  trainingSeconds: (connection, config) => membersSeconds(connection, config),
  resources: (connection, config) => {
    const { memoryBytes, diskBytes } = attributionResources(connection, config);
    const kept = listPresentSamples(connection).length * config.topCount * 2 * INFLUENCE_BYTES;
    return { memoryBytes, diskBytes: diskBytes + kept };
  },
};

/** Gradients by all members: what is proportional to the images. Methods that need the same gradients share a speed. */
export function attributionWork(connection: Connection, config: Attributing): RunWork {
  const { architecture, imageSize, channels } = readModel(connection, config.modelId);
  const { scoring, forward } = ensembleSize(config);
  const passes = scoring + FORWARD_SHARE * forward;
  const pixels = listPresentSamples(connection).length * imageSize ** 2 * channels;
  return { kind: `attribute ${architecture} ${gradientsOf(config)}`, amount: passes * pixels };
}

function gradientsOf({ method, projection, projectionSize, iterations }: AttributionChoices): string {
  const { outputFunction, gradients, preconditioner } = attributionMethods[method];
  if (outputFunction === 'embedding') return 'embedding';
  if (gradients === 'whole') return `${preconditioner} ${iterations ?? 'usual'}`;
  return `${gradients === 'factorised' ? 'factorised' : projection} ${projectionSize}`;
}

/** Training the ensemble's further models and adapters; null: the model's own training does not tell. */
export function membersSeconds(connection: Connection, config: Attributing): number | null {
  const { trained, adapters } = ensembleSize(config);
  if (trained + adapters === 0) return 0;
  const once = trainingSecondsOf(connection, config.modelId);
  const epochs = epochsOf(connection, config.modelId);
  if (once === null || epochs === null) return null;
  const tuning = (adapters * config.adapterEpochs) / epochs;
  return once * config.modelShare * (trained + tuning);
}

/** Features of all members on disk; in memory one member at a time. */
export function attributionResources(connection: Connection, config: Attributing): Resources {
  const { parameterCount } = readModel(connection, config.modelId);
  const { trained, adapters, scoring } = ensembleSize(config);
  const { gradients } = attributionMethods[config.method];
  const images = listPresentSamples(connection).length;
  const columns = columnsOf(config, parameterCount);
  const modelBytes = parameterCount * FLOAT_BYTES;
  const featureBytes = gradients === 'whole' ? 0 : images * scoring * columns * 2;
  // Until an ensemble has scored, the solved queries of its members wait on disk.
  const waiting = scoring > 1 ? images * scoring * columns * FLOAT_BYTES : 0;
  return {
    memoryBytes: PROGRAM_BYTES + BUFFER_BYTES + 4 * modelBytes + kernelBytes(config, columns),
    diskBytes: featureBytes + waiting + modelBytes * (trained + ADAPTER_SHARE * adapters),
  };
}

function columnsOf(
  { method, projection, projectionSize }: AttributionChoices,
  parameterCount: number,
): number {
  const { outputFunction, gradients } = attributionMethods[method];
  if (outputFunction === 'embedding') return EMBEDDING_WIDTH;
  const isWhole = gradients === 'whole' || (gradients === 'projected' && projection === 'none');
  return isWhole ? parameterCount : projectionSize;
}

/** Matrices in float64: ΦᵀΦ and its factor; while a damping is looked for, those of a fold and what is left without it as well. */
function kernelBytes({ method, relativeDamping }: AttributionChoices, columns: number): number {
  const { outputFunction, preconditioner, gradients } = attributionMethods[method];
  if (gradients === 'whole') return SOLVE_BYTES;
  if (preconditioner === 'identity') return 0;
  return columns ** 2 * 8 * (outputFunction === 'margin' && relativeDamping === null ? 5 : 2);
}
