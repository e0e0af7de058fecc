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

export interface DenoiserFiles {
  readonly path: string;
  readonly schedulePath: string;
  /** An .npy file, [classes, …]; null: there is none. */
  readonly embeddingsPath: string | null;
}

/** Throws where the files or the choices cannot be used: better now than in a run. */
export function addDenoiser(
  folder: ProjectFolder,
  { path, schedulePath, embeddingsPath }: DenoiserFiles,
  choices: DenoiserChoices,
): EvaluateDenoiserConfig {
  const file = resolve(path);
  const { schedule, prediction } = readSchedule(resolve(schedulePath));
  const head = settleHead(choices.head, prediction);
  const config = EvaluateDenoiserConfig.parse({
    file: storeModelFile(folder.path, file),
    embeddings: embeddingsPath === null ? null : storeEmbeddings(folder, resolve(embeddingsPath)),
    choices: { ...choices, head, name: choices.name.trim() || basename(file, extname(file)) },
    schedule,
    prediction: head,
  });
  const { imageSize } = prepareDenoiser(folder, config).description.network;
  return { ...config, choices: { ...config.choices, imageSize } };
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
