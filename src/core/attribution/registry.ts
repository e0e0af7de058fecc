/** @file The attribution methods there are. One page of `docs/methods` each. */
import type { AttributionMethod } from './method.ts';

export type AttributionMethodName = 'trak' | 'grad-dot' | 'grad-cos' | 'embedding-dot' | 'embedding-cos';

export const attributionMethods: Readonly<Record<AttributionMethodName, AttributionMethod>> = {
  'grad-dot': {
    name: 'grad-dot',
    title: 'Grad-Dot',
    outputFunction: 'loss',
    preconditioner: 'identity',
    featureLength: 'kept',
    sampleWeight: 'one',
  },
  'grad-cos': {
    name: 'grad-cos',
    title: 'Grad-Cos',
    outputFunction: 'loss',
    preconditioner: 'identity',
    featureLength: 'unit',
    sampleWeight: 'one',
  },
  'embedding-dot': {
    name: 'embedding-dot',
    title: 'Embedding product',
    outputFunction: 'embedding',
    preconditioner: 'identity',
    featureLength: 'kept',
    sampleWeight: 'one',
  },
  'embedding-cos': {
    name: 'embedding-cos',
    title: 'Embedding cosine',
    outputFunction: 'embedding',
    preconditioner: 'identity',
    featureLength: 'unit',
    sampleWeight: 'one',
  },
  trak: {
    name: 'trak',
    title: 'TRAK',
    outputFunction: 'margin',
    preconditioner: 'ridge',
    featureLength: 'kept',
    sampleWeight: 'residual',
  },
};
