/** @file The project's models: trained here, or brought as ONNX files, which are checked first. */
import { z } from 'zod';
import { PredictionKind } from './generation-configs.ts';
import { EpochMetrics } from './runs-service.ts';
import { call, service } from './service.ts';
import { ClassId, ModelId, nothing, RunId, Timestamp } from './vocabulary.ts';
import { DenoiserChoices } from './denoiser-choices.ts';
import { ModelChoices } from './model-choices.ts';

/** What an output of a file can be used as. 'other': none of these. */
export const OutputRole = z.enum(['logits', 'probabilities', 'embedding', 'other']);
export type OutputRole = z.infer<typeof OutputRole>;

/** A number, the name of a free extent, or null where the file says nothing. */
const Extent = z.union([z.number(), z.string(), z.null()]);

export const LayerKind = z.enum(['convolution', 'linear', 'normalisation', 'embedding', 'other']);
export type LayerKind = z.infer<typeof LayerKind>;

export const ModelUse = z.enum(['predict', 'embed', 'train', 'attribute', 'second-order']);
export type ModelUse = z.infer<typeof ModelUse>;

export const ModelReport = z.object({
  path: z.string(),
  name: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  producer: z.string(),
  /** Of the standard operators. */
  opset: z.number().int(),
  inputs: z.array(z.object({ name: z.string(), dtype: z.string(), shape: z.array(Extent).nullable() })),
  outputs: z.array(
    z.object({
      name: z.string(),
      dtype: z.string(),
      /** With the extents that the image size gives, where it could be worked out. */
      shape: z.array(Extent).nullable(),
      role: OutputRole,
    }),
  ),
  operators: z.array(z.object({ name: z.string(), count: z.number().int(), supported: z.boolean() })),
  /** Every node that cannot be read, not only the first. */
  refusals: z.array(z.object({ node: z.string(), op: z.string(), reason: z.string() })),
  parameters: z.object({
    count: z.number().int(),
    /** Most parameters first. */
    byKind: z.array(z.object({ kind: LayerKind, layers: z.number().int(), count: z.number().int() })),
    /** In the order of computation: what 'the last layers' and a name pattern choose from. */
    layers: z.array(
      z.object({
        name: z.string(),
        kind: LayerKind,
        count: z.number().int(),
        parameters: z.array(z.string()),
      }),
    ),
  }),
  /** What the images must be; null where no input takes images. `size` null: free. */
  image: z
    .object({
      input: z.string(),
      channels: z.number().int(),
      size: z.number().int().nullable(),
      layout: z.enum(['nchw', 'nhwc']),
    })
    .nullable(),
  uses: z.array(z.object({ use: ModelUse, possible: z.boolean(), detail: z.string() })),
  /** Null where the model could not be compiled. */
  memory: z
    .object({
      imageSize: z.number().int(),
      batchSize: z.number().int(),
      trainingBytes: z.number(),
      featureBytes: z.number(),
      how: z.string(),
    })
    .nullable(),
  /** Sentences for a person: what is not possible, and what to do about it. */
  advice: z.array(z.string()),
  /** What most people would choose; null where nothing can be done with the file. */
  suggestion: ModelChoices.nullable(),
  /** Number of classes that the suggested output tells apart; null where there is none. */
  classCount: z.number().int().nullable(),
});
export type ModelReport = z.infer<typeof ModelReport>;

export const ModelCheckRequest = z.object({
  path: z.string().min(1),
  imageSize: ModelChoices.shape.imageSize,
  batchSize: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(16)
    .describe('images at once, for the memory estimate'),
});
export type ModelCheckRequest = z.infer<typeof ModelCheckRequest>;

/** What a model does: tell classes apart, or make images. */
export const ModelTask = z.enum(['classify', 'generate']);
export type ModelTask = z.infer<typeof ModelTask>;

/** Where a model's network comes from: a built-in architecture, or a file that somebody brought. */
export const ModelOrigin = z.enum(['built-in', 'file']);
export type ModelOrigin = z.infer<typeof ModelOrigin>;

/** How a generative model was made. Losses are mean squared errors of what it predicts. */
export const DenoiserFacts = z.object({
  prediction: PredictionKind,
  noiseSchedule: z.string(),
  timesteps: z.number().int(),
  /** Whether it is told a class, or a text. */
  conditional: z.boolean(),
  toldTexts: z.boolean(),
  steps: z.number().int(),
  /** Means over stretches of training. `heldOut`: on images that it did not learn, with the moving average; null: there were none. */
  curve: z.array(z.object({ step: z.number().int(), loss: z.number(), heldOut: z.number().nullable() })),
  /** Sheets of images made along the way, as `queries.sheet` reads them; the step at which each was made. */
  sheets: z.array(z.number().int()),
});
export type DenoiserFacts = z.infer<typeof DenoiserFacts>;

export const Model = z.object({
  id: ModelId,
  runId: RunId,
  name: z.string(),
  task: ModelTask,
  origin: ModelOrigin,
  /** Name of the built-in architecture, or of the file. */
  architecture: z.string(),
  /** The model that this one was fine-tuned from. */
  baseModelId: ModelId.nullable(),
  /** What is trained and attributed to; a file may hold more. */
  parameterCount: z.number().int(),
  createdAt: Timestamp,
  imageSize: z.number().int(),
  channels: z.number().int(),
  classCount: z.number().int(),
  /** How many of the project's images it learned from. */
  trainCount: z.number().int(),
  epochs: z.array(EpochMetrics),
  testAccuracy: z.number().nullable(),
  outOfSampleAccuracy: z.number().nullable(),
  /** Share of right answers over all labelled images of its classes, learned or not; null: trained here before this was kept. */
  labelledAccuracy: z.number().nullable(),
  /** Labelled images that the accuracies leave out because they were excluded then; null: made before this was kept, or it makes images. */
  excludedCount: z.number().int().nullable(),
  /** What looks wrong about the model, and what to try; null: nothing. */
  hint: z.string().nullable(),
  /** Of a generative model; null of a classifier. */
  denoiser: DenoiserFacts.nullable(),
});
export type Model = z.infer<typeof Model>;

/** How often images of each class are taken for each. */
export const ConfusionMatrix = z.object({
  /** Which label the rows are. */
  by: z.enum(['label', 'given_label']),
  unseenOnly: z.boolean(),
  /** Cells without images are left out. */
  cells: z.array(
    z.object({
      label: ClassId,
      predicted: ClassId,
      count: z.number().int(),
      /** That finds the images behind the cell. */
      query: z.string(),
    }),
  ),
  /** Predictions that were made without having trained on the image. */
  unseenCount: z.number().int(),
});
export type ConfusionMatrix = z.infer<typeof ConfusionMatrix>;

export const models = service({
  name: 'models',
  calls: {
    list: call(nothing, z.array(Model)),
    confusion: call(
      z.object({
        modelId: ModelId,
        by: ConfusionMatrix.shape.by.default('label'),
        unseenOnly: z.boolean().default(false),
      }),
      ConfusionMatrix,
    ),
    /** Looks into a model file. Needs no project. */
    check: call(ModelCheckRequest, ModelReport),
    /** Copies the file into the project and starts the run that evaluates it on all images. The original is not touched. */
    add: call(z.object({ path: z.string().min(1), choices: ModelChoices }), RunId),
    /** The same of the file of a denoiser, with the file of its noise schedule. */
    importDenoiser: call(
      z.object({
        path: z.string().min(1),
        schedulePath: z.string().min(1),
        /** What the model is told of each class, in order, as an .npy file; null: the file takes numbers, or no class. */
        embeddingsPath: z.string().min(1).nullable().default(null),
        /** The autoencoder in front of a model of latents; both null: it works on pixels. */
        vaeEncoderPath: z.string().min(1).nullable().default(null),
        vaeDecoderPath: z.string().min(1).nullable().default(null),
        /** Its config.json, which says how latents are scaled; null: the choices say so. */
        vaeConfigPath: z.string().min(1).nullable().default(null),
        /** The text encoder of a model that is told texts, and the folder of its tokenizer; both null: it is told classes, or nothing. */
        textEncoderPath: z.string().min(1).nullable().default(null),
        tokenizerPath: z.string().min(1).nullable().default(null),
        /** A table with the text of each image; null: the choices' template makes texts of classes. */
        captionsPath: z.string().min(1).nullable().default(null),
        choices: DenoiserChoices,
      }),
      RunId,
    ),
  },
  events: {},
});
