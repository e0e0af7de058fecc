/** @file What each strategy scores candidates by. */
import { AppError } from '../../core/base/app-error.ts';
import type { SelectionStrategy } from '../../contract/selection-config.ts';
import { openAttribution } from '../attributing/attribution.ts';
import { readDynamics, type StoredDynamics } from '../storage/training-dynamics.ts';
import { diversityScores } from './diversity-scores.ts';
import { influenceScores } from './influence-scores.ts';
import type { CandidateScores, SelectionWork } from './selection-work.ts';
import { synsetScores } from './synset-scores.ts';
import { uncertaintyScores } from './uncertainty-scores.ts';

export function scoreCandidates(strategy: SelectionStrategy, work: SelectionWork): Promise<CandidateScores> {
  return strategies[strategy](work);
}

const strategies: Readonly<Record<SelectionStrategy, (work: SelectionWork) => Promise<CandidateScores>>> = {
  influence: influenceScores,
  'self-influence': async ({ folder, model, choices, candidates, context, tools }) => {
    const attribution = await openAttribution(folder, model, choices, context, tools);
    try {
      const found = new Map(
        (await attribution.selfScores([])).map(({ sampleId, score }) => [sampleId, score]),
      );
      return noEffect(candidates.images.map(({ sampleId }) => found.get(sampleId) ?? NaN));
    } finally {
      await attribution.dispose();
    }
  },
  el2n: (work) => Promise.resolve(dynamicsScores(work, 'el2n', ({ errorLength }) => errorLength)),
  forgetting: (work) => Promise.resolve(dynamicsScores(work, 'forgetting', ({ forgettings }) => forgettings)),
  synset: synsetScores,
  diversity: async (work) => noEffect(await diversityScores(work)),
  uncertainty: (work) => Promise.resolve(noEffect(uncertaintyScores(work))),
  // Equal scores: the seed alone decides.
  random: ({ candidates }) => Promise.resolve(noEffect(new Float64Array(candidates.images.length))),
};

function noEffect(scores: ArrayLike<number>): CandidateScores {
  return { scores: Float64Array.from(scores), targets: null };
}

function dynamicsScores(
  { folder, model, candidates }: SelectionWork,
  strategy: SelectionStrategy,
  scoreOf: (dynamics: StoredDynamics) => number,
): CandidateScores {
  const dynamics = readDynamics(folder.connection, model.id);
  if (dynamics.size === 0)
    throw new AppError('subset-strategy-unavailable', {
      strategy,
      modelId: model.id,
      reason:
        'nothing is known of its training. Only a model that this version of Whence trained has been watched',
    });
  return noEffect(
    candidates.images.map(({ sampleId }) => {
      const found = dynamics.get(sampleId);
      return found === undefined ? NaN : scoreOf(found);
    }),
  );
}
