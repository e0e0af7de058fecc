/** @file The parameters of a denoiser's training at a few evenly spaced steps, for attribution by checkpoints. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import type { TrainDenoiserConfig } from '../../contract/generation-configs.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { readVectorFile, writeVectorFile } from '../artifacts/vector-file.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { DenoiserState } from './denoiser-steps.ts';
import { learningRateAt, type DenoiserSettings } from './train-denoiser.ts';

/** Checkpoints of one model take this much at most: of larger models fewer are kept. */
const KEPT_BYTES = 512 * 2 ** 20;

const Header = z.object({ step: z.number().int() });

/** Steps after which parameters are kept, evenly spaced, the last among them. */
export function plannedCheckpoints(
  { checkpoints, steps }: Pick<TrainDenoiserConfig, 'checkpoints' | 'steps'>,
  parameterCount: number,
): number[] {
  const used = Math.min(checkpoints, steps, Math.max(1, Math.floor(KEPT_BYTES / (8 * parameterCount))));
  return Array.from({ length: used }, (_, index) => Math.round(((index + 1) * steps) / used));
}

export function keepDenoiserCheckpoint(
  folder: Pick<ProjectFolder, 'modelsPath'>,
  runId: RunId,
  { step, parameters, average }: DenoiserState,
): void {
  const path = checkpointsPath(folder, runId);
  mkdirSync(path, { recursive: true });
  writeVectorFile(join(path, `step-${step}.f32`), { step }, [parameters, average]);
}

export interface DenoiserCheckpoint {
  readonly step: number;
  /** Learning rates of the steps that it stands for, summed. */
  readonly learning: number;
  readonly read: () => { readonly parameters: Float32Array; readonly average: Float32Array };
}

/** `count` of those that a training kept, evenly spaced and the last among them. */
export function listDenoiserCheckpoints(
  folder: Pick<ProjectFolder, 'modelsPath'>,
  runId: RunId,
  config: DenoiserSettings & Pick<TrainDenoiserConfig, 'checkpoints'>,
  count: number,
  parameterCount: number,
): DenoiserCheckpoint[] {
  const path = checkpointsPath(folder, runId);
  const kept = plannedCheckpoints(config, parameterCount).filter((step) =>
    existsSync(join(path, `step-${step}.f32`)),
  );
  const used = Math.min(count, kept.length);
  const chosen = Array.from(
    { length: used },
    (_, index) => kept[Math.round(((index + 1) * kept.length) / used) - 1]!,
  );
  return chosen.map((step, index) => ({
    step,
    learning: learningBetween(config, chosen[index - 1] ?? 0, step),
    read: () => {
      const file = join(path, `step-${step}.f32`);
      const found = readVectorFile(file, Header, 'keep');
      if (found === null)
        throw new AppError('artifact-damaged', {
          path: file,
          reason: 'its bytes are not those that were written',
        });
      return { parameters: found.vectors[0]!, average: found.vectors[1]! };
    },
  }));
}

function learningBetween(settings: DenoiserSettings, from: number, to: number): number {
  let sum = 0;
  for (let step = from; step < to; step++) sum += learningRateAt(step, settings);
  return sum;
}

function checkpointsPath({ modelsPath }: Pick<ProjectFolder, 'modelsPath'>, runId: RunId): string {
  return join(modelsPath, `run-${runId}`, 'checkpoints');
}
