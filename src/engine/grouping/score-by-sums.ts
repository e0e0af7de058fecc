/** @file Scores of groups from those of their single images. */
import { aggregateScores, type Aggregation } from '../../core/attribution/group/aggregate-scores.ts';
import { controlsNeeded, drawRandomGroups } from '../../core/attribution/group/controls.ts';
import { DiffusionChoices, type AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import { partOf } from '../attributing/progress-part.ts';
import { askedImages } from '../attributing/queries/asked-images.ts';
import { allScores, openQueryAttribution } from '../attributing/queries/query-attribution.ts';
import type { AlteringWork } from './altered-models.ts';
import { judgeRandomGroups } from './group-controls.ts';
import type { FoundGroups, GroupWork } from './group-work.ts';
import type { ScoredGroups } from './judged-groups.ts';

type SumMethod = Exclude<AttributeGroupsConfig['method'], AlteringWork['config']['method']>;

const sumOf: Readonly<
  Record<SumMethod, { readonly method: DiffusionChoices['method']; readonly by: Aggregation }>
> = {
  'd-trak-sum': { method: 'd-trak', by: 'sum' },
  'trak-sum': { method: 'trak', by: 'sum' },
  'das-sum': { method: 'das', by: 'sum' },
  'embedding-mean': { method: 'embedding-cos', by: 'mean' },
  'pixel-mean': { method: 'pixel-cos', by: 'mean' },
};

/** What the images of a group score one by one, summed up or averaged. */
export async function scoreBySums({
  folder,
  config,
  context,
  tools,
  model,
  queries,
  groups,
}: GroupWork): Promise<FoundGroups> {
  const { method, by } = sumOf[config.method as SumMethod];
  const choices = DiffusionChoices.parse({ method, seed: config.seed });
  const asked = await askedImages(folder, model, choices, queries, tools, context);
  const attribution = await openQueryAttribution(
    { folder, model, choices, tools, context: partOf(context, 0, 0.95) },
    asked,
  );
  const all = await allScores(attribution, queries.length, model.learned.length);
  const places = groups.map((group) => group.places);
  const sizes = places.map(({ length }) => length);
  // Sums cost nothing: as many random groups as ranks need.
  const count = Math.max(config.controls, controlsNeeded(groups.length));
  const random =
    config.controls === 0 ? [] : drawRandomGroups(sizes, model.learned.length, count, config.seed);
  const scored: ScoredGroups = {
    groupIds: groups.map(({ id }) => id),
    sizes,
    scores: aggregateScores(all, places, by),
    deviations: null,
    controls: random.map((drawn) => aggregateScores(all, drawn, by)),
    isSum: by === 'sum',
    nullDistribution: 'ranks',
  };
  return {
    scored,
    repeats: [scored.scores],
    controls: (judged) => [judgeRandomGroups(judged, config.controls === 0 ? 0 : count)],
    cost: attribution.cost(),
  };
}
