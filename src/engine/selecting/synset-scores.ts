/** @file Candidates by what a synset would miss: whole clusters go, those that it would miss least first. */
import { AppError } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import { QueryDatamodelConfig } from '../../contract/datamodel-configs.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { leastUsefulFirst } from '../distilling/least-useful-first.ts';
import { openSynset } from '../distilling/loaded-synset.ts';
import { weightDecayOf } from '../distilling/weight-decay.ts';
import { listSynsets } from '../storage/synsets.ts';
import { requireTargets } from './influence-scores.ts';
import type { CandidateScores, SelectionWork } from './selection-work.ts';

/** More images tell little more of what is missed, and take longer. */
const MOST_TARGETS = 1000;

/** The later a cluster may go, the higher its images; those that stay to the end are highest. */
export async function synsetScores(work: SelectionWork): Promise<CandidateScores> {
  const { folder, model, candidates, context, tools, choices } = work;
  const stored = listSynsets(folder.connection).find(({ modelId }) => modelId === model.id);
  if (stored === undefined)
    throw new AppError('subset-strategy-unavailable', {
      strategy: 'synset',
      modelId: model.id,
      reason: 'no synset was distilled for it: whence ddm distill, or ‘What if only these were there?’',
    });
  const artifact = openSynset(folder, stored, model);
  const { steps, learningRate, momentum } = QueryDatamodelConfig.parse({});
  const order = await leastUsefulFirst(tools, {
    ...{ model, artifact, share: 1, signal: context.signal },
    training: { steps, learningRate, momentum, weightDecay: weightDecayOf(folder, model) },
    asked: drawTargets(requireTargets('synset', model, choices.target), choices.seed),
    onProgress: (fraction) => context.progress('Asking the synset what it would miss', fraction),
  });
  const place = new Map(order.map((cluster, index) => [cluster, index]));
  const clusterOf = new Map(artifact.sampleIds.map((id, image) => [id, artifact.assignment[image]!]));
  const scores = Float64Array.from(candidates.images, ({ sampleId }) => {
    const cluster = clusterOf.get(sampleId);
    return cluster === undefined ? NaN : (place.get(cluster) ?? order.length);
  });
  return { scores, targets: null };
}

function drawTargets(targets: readonly LabelledRow[], seed: number): LabelledRow[] {
  const order = new Random(seed, 'selection/synset targets').permutation(targets.length);
  return Array.from(order.subarray(0, MOST_TARGETS), (place) => targets[place]!);
}
