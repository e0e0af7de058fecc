/** @file What a run would take: time from how fast this machine was before, memory and disk from what is kept. */
import type { z } from 'zod';
import type { RunEstimate, RunPlan } from '../../contract/runs-service.ts';
import { inspectSource } from '../importing/inspect-source.ts';
import type { Connection } from '../storage/connection.ts';
import { listPresentSamples } from '../storage/labelled-samples.ts';
import { attributionEstimator } from './estimates/estimate-attribution.ts';
import { copiesEstimator } from './estimates/estimate-copies.ts';
import {
  datamodelEvaluationEstimator,
  datamodelQueryEstimator,
  distilEstimator,
} from './estimates/estimate-datamodels.ts';
import {
  denoiserTrainingEstimator,
  groupAttributionEstimator,
  queryAttributionEstimator,
  samplingEstimator,
} from './estimates/estimate-generation.ts';
import {
  counterfactualEstimator,
  generativeLdsEstimator,
  groupsEvaluationEstimator,
} from './estimates/estimate-generative-evaluation.ts';
import { mapEstimator } from './estimates/estimate-map.ts';
import { selectEstimator, selectionEvaluationEstimator } from './estimates/estimate-selection.ts';
import { brittlenessEstimator, ldsEstimator, leaveOneOutEstimator } from './estimates/estimate-evaluation.ts';
import { trainingEstimator } from './estimates/estimate-training.ts';
import { PROGRAM_BYTES, type Estimator, type RunWork } from './estimates/estimator.ts';

type Estimate = z.infer<typeof RunEstimate>;
type Kind = RunPlan['kind'];
type ConfigOf<K extends Kind> = Extract<RunPlan, { kind: K }>['config'];

/** Of an image: two WebP thumbnails and its row with indexes. */
const IMPORTED_IMAGE_BYTES = 12e3;
/** What a run keeps of an image that it looks at. */
const KEPT_BYTES = 200;

/** For runs whose time grows with the number of images and that keep little. */
function byImages(kind: string): Estimator<unknown> {
  return {
    work: (connection) => ({ kind, amount: listPresentSamples(connection).length }),
    trainingSeconds: () => 0,
    resources: (connection) => ({
      memoryBytes: PROGRAM_BYTES,
      diskBytes: listPresentSamples(connection).length * KEPT_BYTES,
    }),
  };
}

const estimators: { readonly [K in Kind]: Estimator<ConfigOf<K>> } = {
  import: {
    work: () => null,
    trainingSeconds: () => 0,
    resources: async (_, choices) => {
      const { imageCount } = await inspectSource(choices);
      return { memoryBytes: PROGRAM_BYTES, diskBytes: imageCount * IMPORTED_IMAGE_BYTES };
    },
  },
  train: trainingEstimator,
  attribute: attributionEstimator,
  issues: byImages('issues'),
  'find-issues': byImages('find-issues'),
  evaluate: {
    ...byImages('evaluate'),
    work: (connection, { choices: { imageSize, name } }) => ({
      kind: `evaluate ${name}`,
      amount: listPresentSamples(connection).length * imageSize ** 2,
    }),
  },
  'evaluate-denoiser': byImages('evaluate-denoiser'),
  select: selectEstimator,
  map: mapEstimator,
  'find-alike': byImages('find-alike'),
  'evaluate-lds': ldsEstimator,
  'evaluate-loo': leaveOneOutEstimator,
  'evaluate-brittleness': brittlenessEstimator,
  'evaluate-mislabel-auc': byImages('evaluate-mislabel-auc'),
  'evaluate-selection': selectionEvaluationEstimator,
  distil: distilEstimator,
  'query-datamodel': datamodelQueryEstimator,
  'evaluate-ddm': datamodelEvaluationEstimator,
  'train-denoiser': denoiserTrainingEstimator,
  'sample-images': samplingEstimator,
  'attribute-queries': queryAttributionEstimator,
  'attribute-groups': groupAttributionEstimator,
  'find-copies': copiesEstimator,
  'evaluate-generative-lds': generativeLdsEstimator,
  'evaluate-groups': groupsEvaluationEstimator,
  'evaluate-counterfactual': counterfactualEstimator,
};

/** A plan's kind and config belong together. */
function estimatorOf({ kind }: RunPlan): Estimator<RunPlan['config']> {
  return estimators[kind];
}

/** `speedOf` answers how much work of a kind this machine does in a second, or null where it has done none. */
export async function estimateRun(
  connection: Connection,
  plan: RunPlan,
  speedOf: (kind: string) => number | null,
): Promise<Estimate> {
  const estimator = estimatorOf(plan);
  const { memoryBytes, diskBytes } = await estimator.resources(connection, plan.config);
  const work = estimator.work(connection, plan.config);
  const speed = work === null ? null : speedOf(work.kind);
  const training = estimator.trainingSeconds(connection, plan.config);
  if (training === null || work === null || speed === null)
    return { memoryBytes, diskBytes, seconds: null, note: unknownTime(training) };
  const seconds = training + work.amount / speed;
  return { memoryBytes, diskBytes, seconds, note: 'From how fast this machine was last time.' };
}

function unknownTime(training: number | null): string {
  if (training === null || training === 0)
    return 'This machine has not done such work yet: the time left shows once it runs.';
  return `Its trainings take about ${Math.ceil(training)} s. The rest this machine has not done yet: the time left shows once it runs.`;
}

/** How much work a plan is beside its trainings; null where it cannot be told beforehand. */
export function measureWork(connection: Connection, plan: RunPlan): RunWork | null {
  return estimatorOf(plan).work(connection, plan.config);
}
