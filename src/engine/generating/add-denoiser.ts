/** @file A denoiser's file taken into the project: copied, its schedule read, its choices settled, ready to be evaluated. */
import { readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { PredictionKind } from '../../core/diffusion/noise-schedule.ts';
import type { DenoiserChoices } from '../../contract/denoiser-choices.ts';
import { EvaluateDenoiserConfig } from '../../contract/runs-service.ts';
import { readNpy } from '../artifacts/read-npy.ts';
import { storeFile, storeModelFile } from '../modelling/store-model-file.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { prepareDenoiser } from './brought-denoiser.ts';
import { readSchedule } from './read-schedule.ts';
import { latentScale } from './read-vae-config.ts';
import { storeTexts, storeTokenizer } from './text-files.ts';

export interface DenoiserFiles {
  readonly path: string;
  readonly schedulePath: string;
  /** An .npy file, [classes, …]; null: there is none. */
  readonly embeddingsPath: string | null;
  /** ONNX files of an autoencoder; both null: the denoiser works on pixels. */
  readonly vaeEncoderPath: string | null;
  readonly vaeDecoderPath: string | null;
  /** Its config.json; null: the choices say how latents are scaled. */
  readonly vaeConfigPath: string | null;
  /** An ONNX file and the folder of a CLIP tokenizer; both null: the denoiser is told classes, or nothing. */
  readonly textEncoderPath: string | null;
  readonly tokenizerPath: string | null;
  /** A table with the text of each image; null: the choices' template makes texts of classes. */
  readonly captionsPath: string | null;
}

/** Throws where the files or the choices cannot be used: better now than in a run. */
export function addDenoiser(
  folder: ProjectFolder,
  files: DenoiserFiles,
  choices: DenoiserChoices,
): EvaluateDenoiserConfig {
  const { path, schedulePath, embeddingsPath } = files;
  const file = resolve(path);
  const text = storeText(folder, files, choices.captionTemplate);
  const autoencoder = storeAutoencoder(folder, files);
  const scale = autoencoder === null ? {} : latentScale(files.vaeConfigPath, choices);
  const { schedule, prediction } = readSchedule(resolve(schedulePath));
  const head = settleHead(choices.head, prediction);
  const config = EvaluateDenoiserConfig.parse({
    file: storeModelFile(folder.path, file),
    embeddings: embeddingsPath === null ? null : storeEmbeddings(folder, resolve(embeddingsPath)),
    autoencoder,
    text,
    choices: { ...choices, ...scale, head, name: choices.name.trim() || basename(file, extname(file)) },
    schedule,
    prediction: head,
  });
  const { network } = prepareDenoiser(folder, config).description;
  const imageSize = ('file' in network ? network.latents?.pictureSize : null) ?? network.imageSize;
  return { ...config, choices: { ...config.choices, imageSize } };
}

function storeAutoencoder(
  { path }: ProjectFolder,
  { vaeEncoderPath: encoder, vaeDecoderPath: decoder }: DenoiserFiles,
): EvaluateDenoiserConfig['autoencoder'] {
  if (encoder === null && decoder === null) return null;
  if (encoder === null || decoder === null)
    throw new AppError('model-choice-invalid', {
      reason:
        'An autoencoder has two halves: give --vae-encoder, which makes latents of pictures, and --vae-decoder, which makes pictures of latents',
    });
  return {
    encoder: storeModelFile(path, resolve(encoder)),
    decoder: storeModelFile(path, resolve(decoder)),
  };
}

function storeText(
  folder: ProjectFolder,
  { textEncoderPath: encoder, tokenizerPath: tokenizer, captionsPath, embeddingsPath }: DenoiserFiles,
  template: string,
): EvaluateDenoiserConfig['text'] {
  if (encoder === null && tokenizer === null && captionsPath === null) return null;
  const refuse = (reason: string): AppError => new AppError('model-choice-invalid', { reason });
  if (encoder === null || tokenizer === null)
    throw refuse(
      'Texts are told by a text encoder, and cut into tokens first: give both --text-encoder and --tokenizer',
    );
  if (embeddingsPath !== null)
    throw refuse('A text encoder makes the embeddings itself: give either --text-encoder or --embeddings');
  return {
    encoder: storeModelFile(folder.path, resolve(encoder)),
    tokenizer: storeTokenizer(folder.path, resolve(tokenizer)),
    texts: storeTexts(folder, captionsPath === null ? null : resolve(captionsPath), template),
  };
}

/** A copy, once it is known that it can be read. */
function storeEmbeddings(folder: ProjectFolder, path: string): string {
  readNpy(path);
  return storeFile(folder.path, readFileSync(path), 'npy');
}

function settleHead(chosen: PredictionKind | null, ofSchedule: PredictionKind | null): PredictionKind {
  const head = chosen ?? ofSchedule;
  if (head === null)
    throw new AppError('model-choice-invalid', {
      reason: 'The schedule file does not say what the model predicts: choose the head (epsilon, v or x0)',
    });
  if (ofSchedule === null || ofSchedule === head) return head;
  throw new AppError('model-choice-invalid', {
    reason: `The schedule file says that the model predicts ${ofSchedule}, and ${head} was chosen`,
  });
}
