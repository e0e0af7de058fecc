/** @file Every signal there is about the labels of the examined images, high where suspicious. */
import type { ConfidentJoint } from '../../core/curation/confident-joint.ts';
import {
  dynamicsSignals,
  probabilitySignals,
  type LabelSignal,
  type LabelSignals,
} from '../../core/curation/label-signals.ts';
import type { RankingMethod } from '../../core/curation/rank-labels.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import type { Attribution } from '../attributing/attribution.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { recipeOf } from '../evaluating/recipe.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readDynamics } from '../storage/training-dynamics.ts';
import type { ExaminedImages } from './examined-images.ts';
import type { LearnedRows } from './fresh-training.ts';
import { earlyGradientNorms } from './gradient-norms.ts';
import { neighbourSignal } from './neighbour-signal.ts';
import { selfInfluenceSignal } from './self-influence-signal.ts';

export interface SignalWork {
  readonly folder: ProjectFolder;
  readonly context: RunContext;
  readonly tools: ComputeTools;
  readonly attribution: Attribution;
  readonly images: ExaminedImages;
  readonly joint: ConfidentJoint;
  /** What is ranked by: a signal that costs trainings of its own is measured where it is asked for alone. */
  readonly method: RankingMethod;
  /** Whose self-influence is read; null: the newest attribution of the model. */
  readonly attributionRunId: RunId | null;
}

export async function gatherSignals(work: SignalWork): Promise<LabelSignals> {
  const { folder, context, tools, attribution, images, joint, method } = work;
  const { labelled, rows } = images;
  const { model } = attribution;
  const signals: Partial<Record<LabelSignal, Float64Array>> = {
    ...probabilitySignals(labelled, joint),
    ...recordedDynamics(work),
    'neighbour-disagreement': await neighbourSignal(model, rows, labelled.labels, tools, context.signal),
    'self-influence': await selfInfluenceSignal(folder, attribution, images, work.attributionRunId),
  };
  if (method === 'grand') {
    const { executor } = tools;
    const onProgress = (fraction: number): void =>
      context.progress('Gradients near initialisation', 0.3 + 0.2 * fraction, {});
    signals.grand = await earlyGradientNorms(
      { executor, recipe: recipeOf(folder, model), model, signal: context.signal },
      { ...learnedRows(images, model.samples.length), onProgress },
    );
  }
  if (method !== 'combined' && signals[method] === undefined)
    throw new AppError('label-signal-missing', { method, modelId: model.id });
  return signals;
}

/** The examined images under their current labels, as something to train on. */
export function learnedRows({ rows, labelled }: ExaminedImages, sampleCount: number): LearnedRows {
  const labels = new Int32Array(sampleCount).fill(-1);
  for (const [place, row] of rows.entries()) labels[row] = labelled.labels[place]!;
  return { rows, labels };
}

/** What the model's own trainings saw; unknown where an image has another label by now. Nothing for a model from a file. */
function recordedDynamics({
  folder,
  attribution,
  images,
}: SignalWork): Pick<LabelSignals, 'loss' | 'aum' | 'el2n' | 'forgetting'> {
  const stored = readDynamics(folder.connection, attribution.model.id);
  if (stored.size === 0) return {};
  const column = (name: 'margin' | 'loss' | 'errorLength' | 'forgettings'): Float32Array =>
    Float32Array.from(images.ids, (id, place) =>
      images.relabelled[place] === 1 ? NaN : (stored.get(id)?.[name] ?? NaN),
    );
  return dynamicsSignals({
    margins: column('margin'),
    losses: column('loss'),
    errorLengths: column('errorLength'),
    forgettings: column('forgettings'),
  });
}
