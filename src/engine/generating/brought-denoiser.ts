/** @file A denoiser's file with what was chosen about it, before the first image is read. */
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { EvaluateDenoiserConfig } from '../../contract/runs-service.ts';
import type { ClassId } from '../../contract/vocabulary.ts';
import { readNpy } from '../artifacts/read-npy.ts';
import { describeDenoiser } from '../modelling/describe-denoiser.ts';
import { readStoredModel } from '../modelling/store-model-file.ts';
import { listClassNames, listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { chooseSide } from './choose-side.ts';
import type { DenoiserDescription } from './denoiser-description.ts';
import { openDenoiser, type Denoiser } from './denoiser.ts';

export interface BroughtDenoiser {
  readonly description: DenoiserDescription;
  readonly denoiser: Denoiser;
  /** Class index that the network is told → class. */
  readonly classIds: readonly ClassId[];
  readonly samples: readonly PresentSample[];
  /** Class index of every image; −1: none. */
  readonly labels: Int32Array;
  /** Rows of `samples`. */
  readonly trainRows: Int32Array;
  readonly otherRows: Int32Array;
}

/** Makes sense of the choices; throws where they do not fit the file or the project. */
export function prepareDenoiser(
  folder: ProjectFolder,
  { file, embeddings, choices, schedule, prediction }: EvaluateDenoiserConfig,
): BroughtDenoiser {
  const samples = listPresentSamples(folder.connection);
  if (samples.length === 0) throw new AppError('labels-missing', { reason: 'the project has no images yet' });
  const project = {
    classes: listClassNames(folder.connection),
    usualSide: chooseSide(samples, 'ddpm-base'),
  };
  const stored = readStoredModel(folder.path, file);
  const given =
    embeddings === null ? null : { file: embeddings, shape: readNpy(join(folder.path, embeddings)).shape };
  const { description: network, classIds } = describeDenoiser(stored, choices, project, file, given);
  const description = { network, schedule, prediction };
  const indexOfClass = new Map(classIds.map((id, index) => [id, index]));
  const rowsWhere = (isTrain: boolean): Int32Array =>
    Int32Array.from(samples.keys()).filter((row) => (samples[row]!.split === 'train') === isTrain);
  return {
    description,
    denoiser: openDenoiser(folder.path, description),
    classIds,
    samples,
    labels: Int32Array.from(samples, ({ label }) => (label === null ? -1 : (indexOfClass.get(label) ?? -1))),
    trainRows: rowsWhere(true),
    otherRows: rowsWhere(false),
  };
}
