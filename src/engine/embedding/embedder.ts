/** @file What a source needs to embed images: the side and planes of its pixels, and what becomes of them. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { Network } from '../../core/nn/network.ts';
import type { EmbeddingChoices } from '../../contract/embedding-choices.ts';
import { ModelChoices } from '../../contract/model-choices.ts';
import { describeNetwork } from '../modelling/describe-network.ts';
import { fileNetwork } from '../modelling/file-network.ts';
import { knowModel } from '../modelling/know-model.ts';
import { openNetwork } from '../modelling/open-network.ts';
import { pixelValues } from '../modelling/pixel-values.ts';
import { readStoredModel } from '../modelling/store-model-file.ts';
import { suggestChoices, suggestPixels } from '../modelling/suggest-choices.ts';
import type { PresentSample } from '../storage/labelled-samples.ts';
import { planeCount, readModel, type Normalization } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readModelOf } from '../training/model-artifact.ts';
import { chooseChannels } from '../training/training-set.ts';
import type { EmbeddingSource } from './embedding-source.ts';

/** Larger ones say more of where things lie in an image than of what it shows. */
const PIXEL_SIDE = 16;

export interface Embedder {
  /** For a person. */
  readonly title: string;
  /** Stands for everything but the images. */
  readonly identity: string;
  /** Side of the square images in pixels. */
  readonly size: number;
  readonly channels: 1 | 3;
  /** null: the pixels themselves, 0…1, are the embedding. */
  readonly network: EmbeddingNetwork | null;
}

export interface EmbeddingNetwork {
  readonly network: Network;
  readonly parameters: Float32Array;
  readonly normalization: Normalization;
}

export function openEmbedder(
  folder: ProjectFolder,
  source: EmbeddingSource,
  choices: EmbeddingChoices,
  samples: readonly PresentSample[],
): Embedder {
  switch (source.kind) {
    case 'model':
      return modelEmbedder(folder, source);
    case 'file':
      return fileEmbedder(folder, source, choices, samples);
    case 'pixels':
      return {
        title: `pixels, ${PIXEL_SIDE} × ${PIXEL_SIDE}`,
        identity: 'pixels',
        size: PIXEL_SIDE,
        channels: chooseChannels(samples),
        network: null,
      };
  }
}

function modelEmbedder(
  folder: ProjectFolder,
  { modelId }: Extract<EmbeddingSource, { kind: 'model' }>,
): Embedder {
  const { name, imageSize, normalization, ...stored } = readModel(folder.connection, modelId);
  const { network, parameters, parametersSha256 } = readModelOf(folder, stored);
  return {
    title: `last layer of ${name}`,
    identity: hash({ parametersSha256, network, normalization }),
    size: imageSize,
    channels: planeCount(normalization),
    network: { network: openNetwork(folder.path, network), parameters, normalization },
  };
}

/** The file's head is replaced by a small new one that nobody reads: an extractor need not tell classes apart. */
function fileEmbedder(
  folder: ProjectFolder,
  { file }: Extract<EmbeddingSource, { kind: 'file' }>,
  choices: EmbeddingChoices,
  samples: readonly PresentSample[],
): Embedder {
  const path = choices.file;
  const known = knowModel(readStoredModel(folder.path, file), choices.imageSize, path);
  const suggested = suggestChoices(known.model, known.image, known.roles, path);
  const output = choices.embedding || suggested?.output;
  if (output === undefined)
    throw new AppError('model-choice-invalid', {
      reason: `No output holds one row of numbers per image by its looks; name the one to take. The outputs are ${[...known.roles.keys()].join(', ')}`,
    });
  const embedding = choices.embedding || suggested?.embedding || '';
  const described = describeNetwork(
    known,
    ModelChoices.parse({ imageSize: choices.imageSize, output, embedding }),
    file,
  );
  const description = { ...described, newHead: 2, trained: [], loraRank: null };
  const network = fileNetwork(known.model, description);
  const pixels = choices.pixels === 'auto' ? suggestPixels(known.model, known.image) : choices.pixels;
  const allGrey = chooseChannels(samples) === 1;
  const normalization = pixelValues({ ...choices, pixels }, description.channels, allGrey);
  return {
    title: basename(path),
    identity: hash({ description, normalization }),
    size: description.imageSize,
    channels: planeCount(normalization),
    network: { network, parameters: network.initialParameters(0), normalization },
  };
}

function hash(facts: object): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
