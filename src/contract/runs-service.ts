/** @file Long work. `start` answers an id at once; everything about a run can be read again by id. */
import { FindAlikeConfig } from './alike-config.ts';
import { z } from 'zod';
import { AttributionChoices } from './attribution-choices.ts';
import { FindCopiesConfig } from './cases-service.ts';
import { DistilConfig, EvaluateDatamodelConfig, QueryDatamodelConfig } from './datamodel-configs.ts';
import { DenoiserChoices, NoiseScheduleDescription } from './denoiser-choices.ts';
import {
  EvaluateBrittlenessConfig,
  EvaluateLdsConfig,
  EvaluateLeaveOneOutConfig,
  EvaluateMislabelConfig,
} from './evaluation-configs.ts';
import {
  AttributeGroupsConfig,
  AttributeQueriesConfig,
  PredictionKind,
  SampleImagesConfig,
  TrainDenoiserConfig,
} from './generation-configs.ts';
import {
  EvaluateCounterfactualConfig,
  EvaluateGenerativeLdsConfig,
  EvaluateGroupsConfig,
} from './generation-evaluation-configs.ts';
import { MapConfig } from './maps-service.ts';
import { FindIssuesConfig } from './image-issues-service.ts';
import { ModelChoices } from './model-choices.ts';
import { EvaluateSelectionConfig, SelectConfig } from './selection-config.ts';
import { ProviderChoice, ProviderName } from './engine-service.ts';
import { SourceChoices } from './imports-service.ts';
import { call, service } from './service.ts';
import { ModelId, nothing, RunId, SampleId, SubsetId, Timestamp } from './vocabulary.ts';

export const ImportConfig = SourceChoices;
export type ImportConfig = z.infer<typeof ImportConfig>;

const provider = ProviderChoice.default('auto').describe(
  'where it computes; auto: the fastest that passes a self-test against the CPU',
);

export const ArchitectureName = z.enum(['linear', 'mlp', 'cnn', 'resnet9']);
export type ArchitectureName = z.infer<typeof ArchitectureName>;

export const TrainConfig = z.object({
  architecture: ArchitectureName.default('cnn').describe('built-in network'),
  imageSize: z
    .number()
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('square input side in pixels; 0: chosen from the images, at most 64'),
  epochs: z.number().int().min(1).max(1000).default(12).describe('passes over the training images'),
  batchSize: z.number().int().min(1).max(1024).default(64).describe('images per step'),
  optimizer: z.enum(['sgd', 'adamw']).default('sgd').describe('SGD with momentum, or AdamW'),
  learningRate: z.number().positive().default(0.05).describe('peak learning rate'),
  momentum: z.number().min(0).max(1).default(0.9).describe('momentum of SGD'),
  weightDecay: z.number().min(0).default(5e-4).describe('weight decay'),
  schedule: z.enum(['constant', 'cosine']).default('cosine').describe('how the learning rate falls'),
  augmentation: z
    .array(z.enum(['flip', 'crop']))
    .default([])
    .describe('random changes of training images'),
  dropout: z.number().min(0).max(0.9).default(0).describe('share of hidden units dropped while training'),
  validationShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.1)
    .describe('share of the training images held out where the project has no val split'),
  patience: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('epochs without a better validation loss before training stops; 0: never'),
  folds: z
    .number()
    .int()
    .min(0)
    .max(20)
    .default(5)
    .describe(
      'folds of the cross-validation that gives every training image an out-of-sample prediction; 0: none',
    ),
  checkpoints: z
    .number()
    .int()
    .min(0)
    .max(50)
    .default(5)
    .describe(
      'states of the weights kept along the way, evenly spaced, for attribution by checkpoints (TracIn); of large models fewer; 0: none',
    ),
  seed: z.number().int().min(0).default(0).describe('equal seeds give equal results'),
  subset: SubsetId.nullable()
    .default(null)
    .describe(
      'number of the subset to train on, and on nothing else; what is held out is drawn from outside it',
    ),
  from: ModelId.nullable()
    .default(null)
    .describe('number of the model to start from, instead of a new network of that architecture'),
  keep: z
    .enum(['weights', 'architecture'])
    .default('weights')
    .describe('what is kept of that model: its weights, or only its architecture with fresh weights'),
  loraRank: z
    .number()
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('train low-rank adapters of this rank instead of the weights of a model from a file; 0: no'),
  provider,
});
export type TrainConfig = z.infer<typeof TrainConfig>;

/** What takes the place of the defaults where a model goes on from another: good weights are changed a little, and soon enough. */
export const fineTuningDefaults = { epochs: 6, learningRate: 0.005 } as const satisfies Partial<TrainConfig>;

export const AttributeConfig = AttributionChoices.extend({
  modelId: ModelId.nullable().default(null).describe('number of the model; the newest where not given'),
  topCount: z
    .number()
    .int()
    .min(1)
    .max(200)
    .default(12)
    .describe('proponents and as many opponents kept per target'),
  targets: z.enum(['all', 'test', 'val', 'train']).default('all').describe('which images are explained'),
  scoresPath: z
    .string()
    .nullable()
    .default(null)
    .describe('also write all scores, targets × training images in float32, to this .npy file'),
  provider,
});
export type AttributeConfig = z.infer<typeof AttributeConfig>;

/** What a label is judged by. 'combined' is the calibrated combination of what is there. */
export const IssueMethod = z.enum([
  'combined',
  'confident-learning',
  'self-confidence',
  'normalized-margin',
  'self-influence',
  'neighbour-disagreement',
  'aum',
  'el2n',
  'grand',
  'forgetting',
  'loss',
]);
export type IssueMethod = z.infer<typeof IssueMethod>;

export const IssuesConfig = z.object({
  modelId: ModelId.nullable().default(null).describe('number of the model; the newest where not given'),
  maximumShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('at most this share of the images is put into the queue'),
  method: IssueMethod.default('combined').describe('what the images are ranked by'),
  attributionRunId: RunId.nullable()
    .default(null)
    .describe(
      'number of the attribute run whose self-influence is read; the newest of the model where not given',
    ),
  aumThreshold: z
    .boolean()
    .default(false)
    .describe(
      'find where the area under the margin becomes suspicious, by training twice more with an extra class of images under a label that is wrong for sure; the images beyond are flagged (method aum)',
    ),
  provider,
});
export type IssuesConfig = z.infer<typeof IssuesConfig>;

/** Evaluates a model file that is in the project already, on all images. */
export const EvaluateConfig = z.object({
  /** Relative to the project. */
  file: z.string().min(1),
  choices: ModelChoices,
  provider,
});
export type EvaluateConfig = z.infer<typeof EvaluateConfig>;

/** Makes a model of a denoiser's file that is in the project already, and measures how well it predicts. */
export const EvaluateDenoiserConfig = z.object({
  /** Relative to the project. */
  file: z.string().min(1),
  /** What the model is told of each class, [classes, …], relative to the project too; null: the file takes numbers, or no class. */
  embeddings: z.string().nullable().default(null),
  /** The files of an autoencoder, relative to the project too; null: the denoiser works on pixels. How latents are scaled stands in the choices. */
  autoencoder: z.object({ encoder: z.string(), decoder: z.string() }).nullable().default(null),
  /** What texts are encoded by and which image goes with which, relative to the project too; null: it is told classes, or nothing. */
  text: z.object({ encoder: z.string(), tokenizer: z.string(), texts: z.string() }).nullable().default(null),
  choices: DenoiserChoices,
  schedule: NoiseScheduleDescription,
  prediction: PredictionKind,
  provider,
});
export type EvaluateDenoiserConfig = z.infer<typeof EvaluateDenoiserConfig>;

/** What to do, and with what. One run does one of these. */
export const RunRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('import'), config: ImportConfig }),
  z.object({ kind: z.literal('train'), config: TrainConfig }),
  z.object({ kind: z.literal('attribute'), config: AttributeConfig }),
  z.object({ kind: z.literal('issues'), config: IssuesConfig }),
  z.object({ kind: z.literal('find-issues'), config: FindIssuesConfig }),
  z.object({ kind: z.literal('evaluate'), config: EvaluateConfig }),
  z.object({ kind: z.literal('evaluate-denoiser'), config: EvaluateDenoiserConfig }),
  z.object({ kind: z.literal('select'), config: SelectConfig }),
  z.object({ kind: z.literal('map'), config: MapConfig }),
  z.object({ kind: z.literal('find-alike'), config: FindAlikeConfig }),
  z.object({ kind: z.literal('evaluate-lds'), config: EvaluateLdsConfig }),
  z.object({ kind: z.literal('evaluate-loo'), config: EvaluateLeaveOneOutConfig }),
  z.object({ kind: z.literal('evaluate-brittleness'), config: EvaluateBrittlenessConfig }),
  z.object({ kind: z.literal('evaluate-mislabel-auc'), config: EvaluateMislabelConfig }),
  z.object({ kind: z.literal('evaluate-selection'), config: EvaluateSelectionConfig }),
  z.object({ kind: z.literal('distil'), config: DistilConfig }),
  z.object({ kind: z.literal('query-datamodel'), config: QueryDatamodelConfig }),
  z.object({ kind: z.literal('evaluate-ddm'), config: EvaluateDatamodelConfig }),
  z.object({ kind: z.literal('train-denoiser'), config: TrainDenoiserConfig }),
  z.object({ kind: z.literal('sample-images'), config: SampleImagesConfig }),
  z.object({ kind: z.literal('attribute-queries'), config: AttributeQueriesConfig }),
  z.object({ kind: z.literal('attribute-groups'), config: AttributeGroupsConfig }),
  z.object({ kind: z.literal('find-copies'), config: FindCopiesConfig }),
  z.object({ kind: z.literal('evaluate-generative-lds'), config: EvaluateGenerativeLdsConfig }),
  z.object({ kind: z.literal('evaluate-groups'), config: EvaluateGroupsConfig }),
  z.object({ kind: z.literal('evaluate-counterfactual'), config: EvaluateCounterfactualConfig }),
]);
export type RunRequest = z.input<typeof RunRequest>;
export type RunPlan = z.output<typeof RunRequest>;
export const RunKind = z.enum([
  'import',
  'train',
  'attribute',
  'issues',
  'find-issues',
  'evaluate',
  'evaluate-denoiser',
  'select',
  'map',
  'find-alike',
  'evaluate-lds',
  'evaluate-loo',
  'evaluate-brittleness',
  'evaluate-mislabel-auc',
  'evaluate-selection',
  'distil',
  'query-datamodel',
  'evaluate-ddm',
  'train-denoiser',
  'sample-images',
  'attribute-queries',
  'attribute-groups',
  'find-copies',
  'evaluate-generative-lds',
  'evaluate-groups',
  'evaluate-counterfactual',
]);
export type RunKind = z.infer<typeof RunKind>;

export const RunStatus = z.enum(['queued', 'running', 'finished', 'failed', 'cancelled', 'interrupted']);
export type RunStatus = z.infer<typeof RunStatus>;

export const RunProgress = z.object({
  runId: RunId,
  /** For a person: 'Epoch 3 of 12'. */
  stage: z.string(),
  /** 0…1, or null where the end is not known. */
  fraction: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** Newest figures of this stage: {'loss': 0.31, 'validation accuracy': 0.88}. */
  figures: z.record(z.string(), z.number()),
});
export type RunProgress = z.infer<typeof RunProgress>;

/** Mean loss and accuracy over one epoch. */
export const EpochMetrics = z.object({
  epoch: z.number().int(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
});
export type EpochMetrics = z.infer<typeof EpochMetrics>;

export const Run = z.object({
  id: RunId,
  kind: RunKind,
  status: RunStatus,
  config: z.record(z.string(), z.unknown()),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  progress: RunProgress.nullable(),
  /** Final figures: counts, seconds, bytes, accuracies. */
  summary: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  /** What it computes on, once that is settled. */
  provider: ProviderName.nullable(),
  /** What a person should know of how the run went, such as that it fell back to the CPU. */
  notes: z.array(z.string()),
});
export type Run = z.infer<typeof Run>;

/** What a run would take, from what this machine did before or from a short measurement. */
export const RunEstimate = z.object({
  seconds: z.number().nullable(),
  memoryBytes: z.number(),
  diskBytes: z.number(),
  note: z.string(),
});

export const runs = service({
  name: 'runs',
  calls: {
    start: call(RunRequest, RunId),
    estimate: call(RunRequest, RunEstimate),
    cancel: call(z.object({ runId: RunId }), z.null()),
    /** Goes on from the last checkpoint of an interrupted, cancelled or failed run. */
    resume: call(z.object({ runId: RunId }), RunId),
    get: call(z.object({ runId: RunId }), Run),
    list: call(nothing, z.array(Run)),
  },
  events: { progress: RunProgress, changed: Run },
});

/** One training image and how strongly it pulls; positive helps (METHODS sign convention). */
export const InfluenceEntry = z.object({ sampleId: SampleId, score: z.number() });
