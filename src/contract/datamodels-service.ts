/** @file Synsets of models, and what they say would change without some of the training images. */
import { z } from 'zod';
import { DatamodelMasks, DistilConfig, QueryDatamodelConfig, SynsetId } from './datamodel-configs.ts';
import { call, service } from './service.ts';
import { ClassId, GroupId, ModelId, nothing, RunId, SampleId, Timestamp } from './vocabulary.ts';

/** How far the synset's gradients are from the clusters' at one checkpoint, the mean over clusters. */
export const MatchedCheckpoint = z.object({
  /** Epochs that the model had learned; null: not known. */
  epochs: z.number().nullable(),
  before: z.number(),
  after: z.number(),
});
export type MatchedCheckpoint = z.infer<typeof MatchedCheckpoint>;

export const Synset = z.object({
  id: SynsetId,
  runId: RunId,
  modelId: ModelId,
  choices: DistilConfig,
  clusterCount: z.number().int(),
  /** Training images that it stands for. */
  sampleCount: z.number().int(),
  matched: z.array(MatchedCheckpoint),
  /** What distilling took. */
  seconds: z.number(),
  createdAt: Timestamp,
});
export type Synset = z.infer<typeof Synset>;

/** A cluster and the synthetic images that stand for it. */
export const SynsetCluster = z.object({
  /** Counted from 0. */
  index: z.number().int(),
  classId: ClassId,
  sampleCount: z.number().int(),
  /** Its most typical images. */
  examples: z.array(SampleId),
  /** Of each synthetic image what its gradient is multiplied by. */
  scales: z.array(z.number()),
  /** RGB bytes of each synthetic image, row by row. */
  pictures: z.array(z.instanceof(Uint8Array)),
});
export type SynsetCluster = z.infer<typeof SynsetCluster>;

/** What would change without some images; every number is that of the perturbed model minus that of the control, which has all of the synset. */
export const PerturbationEffect = z.object({
  /** For a person: 'cluster 12', 'sneaker', the name of a group. */
  name: z.string(),
  groupId: GroupId.nullable(),
  classId: ClassId.nullable(),
  cluster: z.number().int().nullable(),
  /** Training images that are left out. */
  removed: z.number().int(),
  accuracyChange: z.number(),
  /** Of the mean loss over the images that are asked about. */
  lossChange: z.number(),
  /** Of the images of each class that are asked about. */
  classes: z.array(z.object({ classId: ClassId, accuracyChange: z.number(), lossChange: z.number() })),
  /** Images whose loss rises most, and by how much. */
  mostHurt: z.array(z.object({ sampleId: SampleId, lossChange: z.number() })),
});
export type PerturbationEffect = z.infer<typeof PerturbationEffect>;

export const DatamodelAnswer = z.object({
  runId: RunId,
  synsetId: SynsetId,
  modelId: ModelId,
  masks: DatamodelMasks,
  choices: QueryDatamodelConfig,
  queryCount: z.number().int(),
  /** Of the trained model, and of the control. */
  modelAccuracy: z.number(),
  controlAccuracy: z.number(),
  effects: z.array(PerturbationEffect),
  /** Models that were trained in one graph; 1: the network cannot be done in copies. */
  together: z.number().int(),
  seconds: z.number(),
  createdAt: Timestamp,
});
export type DatamodelAnswer = z.infer<typeof DatamodelAnswer>;

export const datamodels = service({
  name: 'datamodels',
  calls: {
    /** Newest first. */
    synsets: call(nothing, z.array(Synset)),
    /** Clusters [from, from + count). */
    clusters: call(
      z.object({ id: SynsetId, from: z.number().int().min(0), count: z.number().int().min(1).max(200) }),
      z.object({ imageSize: z.number().int(), clusters: z.array(SynsetCluster) }),
    ),
    /** The images of one cluster with their shares of its mean effect on the images asked about; they add up to it. */
    members: call(
      z.object({ runId: RunId, cluster: z.number().int().min(0) }),
      z.array(z.object({ sampleId: SampleId, score: z.number() })),
    ),
    /** Finished queries, newest first. */
    answers: call(z.object({ synsetId: SynsetId.nullable().default(null) }), z.array(DatamodelAnswer)),
    remove: call(z.object({ id: SynsetId }), z.null()),
  },
  events: { changed: nothing },
});
