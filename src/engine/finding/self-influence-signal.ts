/** @file How much each examined image had to be learned by itself: from the newest attribution, or computed now. */
import { rankPercentiles } from '../../core/linalg/ranks.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { fillFeatures, openFeatures, type Scoring } from '../attributing/scoring.ts';
import { selfScores } from '../attributing/self-scores.ts';
import type { RunContext } from '../runs/run-context.ts';
import { findAttribution, readSelfInfluences } from '../storage/influences.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { ExaminedImages } from './examined-images.ts';

/** For an image that has no score of its own: it changes no order. */
const UNKNOWN = 0.5;

/**
 * Rank percentile of each image's self-influence. Images that the model learned and images that were held out are ranked each
 * among themselves: the residual of the latter is larger for no fault of their labels.
 */
export async function selfInfluenceSignal(
  folder: ProjectFolder,
  scoring: Scoring,
  images: ExaminedImages,
  context: RunContext,
): Promise<Float64Array> {
  const attribution = findAttribution(folder.connection, scoring.model.id);
  const scores =
    attribution === null
      ? await computeScores(folder, scoring, images, context)
      : readSelfInfluences(folder.connection, attribution.id);
  const learned = new Set(scoring.model.learned.map((row) => row.sampleId));
  const signal = new Float64Array(images.ids.length).fill(UNKNOWN);
  for (const isLearned of [true, false]) {
    const places = images.ids.flatMap((id, place) =>
      scores.has(id) && learned.has(id) === isLearned ? [place] : [],
    );
    const percentiles = rankPercentiles(places.map((place) => scores.get(images.ids[place]!)!));
    for (const [index, place] of places.entries()) signal[place] = percentiles[index]!;
  }
  return signal;
}

async function computeScores(
  folder: ProjectFolder,
  scoring: Scoring,
  images: ExaminedImages,
  context: RunContext,
): Promise<Map<SampleId, number>> {
  const { model } = scoring;
  const learned = new Set(model.learned.map((row) => row.sampleId));
  const rowOfSample = new Map(model.samples.map((sample, row) => [sample.id, row]));
  const held: LabelledRow[] = images.ids.flatMap((sampleId, place) =>
    learned.has(sampleId)
      ? []
      : [{ sampleId, row: rowOfSample.get(sampleId)!, classIndex: images.labelled.labels[place]! }],
  );
  const store = held.length === 0 ? null : await openFeatures(folder.featuresPath, scoring, held);
  if (store !== null)
    await fillFeatures(store, scoring.computer, held, context.signal, (count) =>
      context.progress('Gradients of the held-out images', 0.5 + (0.1 * count) / held.length, {
        images: count,
      }),
    );
  const scores = await selfScores(scoring, store, held);
  return new Map(scores.map(({ sampleId, score }) => [sampleId as SampleId, score]));
}
