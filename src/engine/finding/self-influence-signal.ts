/** @file How much each examined image had to be learned by itself: from the newest attribution, or computed now. */
import { rankPercentiles } from '../../core/linalg/ranks.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { RunId, SampleId } from '../../contract/vocabulary.ts';
import type { Attribution } from '../attributing/attribution.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { findAttribution, readSelfInfluences } from '../storage/influences.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { ExaminedImages } from './examined-images.ts';

/**
 * Rank percentile of each image's self-influence in the attribution of `runId`, else in the newest, else computed now; unknown (NaN) for an image
 * without a score or with another label by now. Images that the model learned and images that were held out are ranked each
 * among themselves: the residual of the latter is larger for no fault of their labels.
 */
export async function selfInfluenceSignal(
  folder: ProjectFolder,
  attribution: Attribution,
  images: ExaminedImages,
  runId: RunId | null,
): Promise<Float64Array> {
  const stored = findAttribution(folder.connection, attribution.model.id, runId);
  if (stored === null && runId !== null)
    throw new AppError('attribution-not-found', { runId, modelId: attribution.model.id });
  const kept = stored === null ? null : readSelfInfluences(folder.connection, stored.id);
  // Methods that solve for every image by itself keep none.
  const scores = kept === null || kept.size === 0 ? await computeScores(attribution, images) : kept;
  const learned = new Set(attribution.model.learned.map((row) => row.sampleId));
  const signal = new Float64Array(images.ids.length).fill(NaN);
  for (const isLearned of [true, false]) {
    const places = images.ids.flatMap((id, place) =>
      scores.has(id) && images.relabelled[place] === 0 && learned.has(id) === isLearned ? [place] : [],
    );
    const percentiles = rankPercentiles(places.map((place) => scores.get(images.ids[place]!)!));
    for (const [index, place] of places.entries()) signal[place] = percentiles[index]!;
  }
  return signal;
}

async function computeScores(
  attribution: Attribution,
  images: ExaminedImages,
): Promise<Map<SampleId, number>> {
  const { model } = attribution;
  const learned = new Set(model.learned.map((row) => row.sampleId));
  const rowOfSample = new Map(model.samples.map((sample, row) => [sample.id, row]));
  const heldOut = images.ids.flatMap((sampleId, place): LabelledRow[] => {
    const row = rowOfSample.get(sampleId)!;
    if (learned.has(sampleId) || model.samples[row]!.split !== 'train') return [];
    return [{ sampleId, row, classIndex: images.labelled.labels[place]! }];
  });
  const scores = await attribution.selfScores(heldOut);
  return new Map(scores.map(({ sampleId, score }) => [sampleId as SampleId, score]));
}
