/** @file A denoiser made ready for computing: its network, its noise schedule, and what it predicts. */
import {
  buildSchedule,
  type NoiseSchedule,
  type PredictionKind,
} from '../../core/diffusion/noise-schedule.ts';
import { classInput } from '../../core/nn/denoiser/u-net.ts';
import type { Network } from '../../core/nn/network.ts';
import type { Executor } from '../../core/execution/executor.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { Normalization } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { openDenoiserNetwork, wantsClass, type DenoiserDescription } from './denoiser-description.ts';
import { readTexts } from './text-files.ts';
import { ToldTexts } from './told-texts.ts';

export interface Denoiser {
  readonly network: Network;
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionKind;
  /** Classes that it can be told; 0: it is unconditional. */
  readonly classCount: number;
  /** Whether it has to be told a class; not given: it can do without. */
  readonly needsClass?: boolean;
  /** Whether it works on latents, which have no bounds as pixels have; not given: on pixels. */
  readonly isLatent?: boolean;
  /** What it is told instead of classes, by the same numbers; not given: it is told classes. */
  readonly texts?: ToldTexts;
}

/** What a denoiser is told by this number, for hashes. */
export function conditionName({ texts }: Denoiser, number: number): string {
  return texts === undefined ? String(number) : JSON.stringify(texts.texts[number] ?? null);
}

/** Without the texts of one that is told texts. */
export function openDenoiser(projectPath: string, description: DenoiserDescription): Denoiser {
  const network = openDenoiserNetwork(projectPath, description);
  const told = network.sideInputs?.find(({ name }) => name === classInput);
  return {
    network,
    schedule: buildSchedule(description.schedule),
    prediction: description.prediction,
    classCount: told?.shape[0] ?? 0,
    needsClass: wantsClass(description),
    isLatent: 'file' in description.network && description.network.latents !== null,
  };
}

/** The same with its texts, of which those are computed that were not before. */
export async function openDenoiserWithTexts(
  folder: Pick<ProjectFolder, 'path' | 'cachePath'>,
  description: DenoiserDescription,
  executor: Executor,
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<Denoiser> {
  const denoiser = openDenoiser(folder.path, description);
  const condition = 'file' in description.network ? description.network.condition : null;
  if (condition === null || condition.text === null) return denoiser;
  const { texts } = readTexts(folder.path, condition.text.texts);
  const told = await ToldTexts.open(folder, condition.text, condition.shape, texts, executor, context);
  return { ...denoiser, texts: told, classCount: texts.length };
}

/** Pixels in −1 … 1. */
export function signedPixels(channels: number): Normalization {
  const half = Array.from({ length: channels }, () => 0.5);
  return { means: half, deviations: half };
}
