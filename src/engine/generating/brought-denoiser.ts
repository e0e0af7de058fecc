/** @file A denoiser's file with what was chosen about it, before the first image is read. */
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import type { EvaluateDenoiserConfig } from '../../contract/runs-service.ts';
import type { ClassId } from '../../contract/vocabulary.ts';
import { readNpy } from '../artifacts/read-npy.ts';
import { describeDenoiser, type GivenBeside } from '../modelling/describe-denoiser.ts';
import { readStoredModel } from '../modelling/store-model-file.ts';
import { listClassNames, listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { chooseSide } from './choose-side.ts';
import type { DenoiserDescription } from './denoiser-description.ts';
import { openDenoiser, type Denoiser } from './denoiser.ts';
import { readTexts, type TextsFile } from './text-files.ts';
import { readTokenizer } from './told-texts.ts';

export interface BroughtDenoiser {
  readonly description: DenoiserDescription;
  readonly denoiser: Denoiser;
  /** Class index that the network is told → class. */
  readonly classIds: readonly ClassId[];
  readonly samples: readonly PresentSample[];
  /** Class index of every image, or number of its text; −1: none. */
  readonly labels: Int32Array;
  /** Rows of `samples`. */
  readonly trainRows: Int32Array;
  readonly otherRows: Int32Array;
}

/** Makes sense of the choices; throws where they do not fit the file or the project. */
export function prepareDenoiser(folder: ProjectFolder, config: EvaluateDenoiserConfig): BroughtDenoiser {
  const { file, choices, schedule, prediction } = config;
  const samples = listPresentSamples(folder.connection);
  if (samples.length === 0) throw new AppError('labels-missing', { reason: 'the project has no images yet' });
  const project = {
    classes: listClassNames(folder.connection),
    usualSide: chooseSide(samples, 'ddpm-base'),
  };
  const stored = readStoredModel(folder.path, file);
  const { description: network, classIds } = describeDenoiser(
    ...([stored, choices, project, file] as const),
    givenBeside(folder, config),
  );
  const description = { network, schedule, prediction };
  const rowsWhere = (isTrain: boolean): Int32Array =>
    Int32Array.from(samples.keys()).filter((row) => (samples[row]!.split === 'train') === isTrain);
  return {
    description,
    denoiser: openDenoiser(folder.path, description),
    classIds,
    samples,
    labels: labelsOf(
      samples,
      classIds,
      config.text === null ? null : readTexts(folder.path, config.text.texts),
    ),
    trainRows: rowsWhere(true),
    otherRows: rowsWhere(false),
  };
}

function givenBeside(
  { path }: ProjectFolder,
  { embeddings, autoencoder, text, choices }: EvaluateDenoiserConfig,
): GivenBeside {
  const part = (file: string) => ({ file, model: readStoredModel(path, file) });
  return {
    embeddings:
      embeddings === null ? null : { file: embeddings, shape: readNpy(join(path, embeddings)).shape },
    autoencoder:
      autoencoder === null
        ? null
        : {
            encoder: part(autoencoder.encoder),
            decoder: part(autoencoder.decoder),
            scalingFactor: present(choices.scalingFactor, 'the scaling factor'),
            shiftFactor: choices.shiftFactor ?? 0,
          },
    texts:
      text === null
        ? null
        : {
            encoder: part(text.encoder),
            tokenizer: text.tokenizer,
            length: readTokenizer({ path }, text.tokenizer).length,
            texts: text.texts,
            isOfClasses: readTexts(path, text.texts).ofSamples === null,
          },
  };
}

function labelsOf(
  samples: readonly PresentSample[],
  classIds: readonly ClassId[],
  texts: TextsFile | null,
): Int32Array {
  const ofSamples = texts?.ofSamples ?? null;
  if (ofSamples !== null) {
    const numberOf = new Map(ofSamples);
    return Int32Array.from(samples, ({ id }) => numberOf.get(id) ?? -1);
  }
  const indexOfClass = new Map(classIds.map((id, index) => [id, index]));
  return Int32Array.from(samples, ({ label }) => (label === null ? -1 : (indexOfClass.get(label) ?? -1)));
}
