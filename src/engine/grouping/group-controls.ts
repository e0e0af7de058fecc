/** @file Beside the queries: images whose scores say whether the scores of the queries can be trusted. */
import { Random } from '../../core/base/random.ts';
import { quantile } from '../../core/linalg/ranks.ts';
import type { GroupControl, QueryGroupScores } from '../../contract/groups-service.ts';
import type { LoadedDenoiser } from '../generating/loaded-denoiser.ts';
import type { QuerySet } from '../generating/query-set.ts';
import { controlSet, heldOutRows } from '../generating/control-set.ts';

const HELD_OUT = 8;
const MEMBERS_PER_GROUP = 8;

/** Images that are measured with the queries, in this order: a pattern unlike any image, images of other splits, members of each group. */
export interface ControlImages {
  readonly set: QuerySet;
  readonly heldOutCount: number;
  /** For each of the set's members of groups: which groups they are in. */
  readonly members: readonly { readonly groups: ReadonlySet<number> }[];
}

/** `groups`: places in `model.learned`, group by group. */
export async function controlImages(
  model: LoadedDenoiser,
  groups: readonly Int32Array[],
  seed: number,
): Promise<ControlImages> {
  const heldOut = heldOutRows(model, HELD_OUT, seed);
  const chosen = new Set<number>();
  for (const [group, places] of groups.entries())
    for (const place of new Random(seed, `members of group ${group}`)
      .shuffle(places.slice())
      .slice(0, MEMBERS_PER_GROUP))
      chosen.add(place);
  const places = [...chosen];
  const inGroups = groups.map((own) => new Set(own));
  const memberRows = places.map((place) => model.learned[place]!.row);
  const rows = Int32Array.from([...heldOut, ...memberRows]);
  return {
    set: await controlSet(model, rows, seed),
    heldOutCount: heldOut.length,
    members: places.map((place) => ({
      groups: new Set(inGroups.flatMap((own, group) => (own.has(place) ? [group] : []))),
    })),
  };
}

/** Random groups below which nothing can stand out by the normal test. */
const FEWEST_CONTROLS = 3;

export function judgeRandomGroups(queries: readonly QueryGroupScores[], controls: number): GroupControl {
  const decided = queries.filter(({ verdict }) => verdict === 'attributed').length;
  return {
    name: 'random-groups',
    met:
      controls === 0
        ? null
        : controls >= FEWEST_CONTROLS && queries.every(({ verdict }) => verdict !== 'undecided'),
    finding:
      controls === 0
        ? 'No random groups were asked for, so nothing says how much of a score any images would get.'
        : `${controls} random groups of each size; a group stands out for ${decided} of ${queries.length} query images.`,
  };
}

export function judgeUnrelated(pattern: Omit<QueryGroupScores, 'queryId'>): GroupControl {
  const found = pattern.scores.filter(({ standsOut }) => standsOut).length;
  return {
    name: 'unrelated-query',
    met: found === 0,
    finding:
      found === 0
        ? 'For a random pattern, unlike any image, no group stands out, as it should be.'
        : `For a random pattern, unlike any image, ${found} ${found === 1 ? 'group stands' : 'groups stand'} out. Findings of that strength say little.`,
  };
}

/** Images that the model never saw are to be attributed no more strongly than the queries are. */
export function judgeHeldOut(
  queries: readonly QueryGroupScores[],
  heldOut: readonly Omit<QueryGroupScores, 'queryId'>[],
): GroupControl {
  if (heldOut.length === 0)
    return {
      name: 'held-out-image',
      met: null,
      finding: 'The project has no val or test images that the model did not learn, so this was not checked.',
    };
  const strongest = (scores: readonly Omit<QueryGroupScores, 'queryId'>[]): number =>
    quantile(
      Float64Array.from(scores, (entry) => Math.max(...entry.scores.map(({ raw }) => raw))),
      0.5,
    );
  const [ofQueries, ofHeldOut] = [strongest(queries), strongest(heldOut)];
  return {
    name: 'held-out-image',
    met: ofQueries >= ofHeldOut / 2,
    finding: `The strongest group scores ${written(ofQueries)} for a typical query and ${written(ofHeldOut)} for real images that the model never saw: likeness alone gives as much as the latter.`,
  };
}

/** Mean loss of evidence of members of the removed groups, and of other training images. */
export interface Forgetfulness {
  readonly forgotten: number;
  readonly retained: number;
}

const FORGOTTEN_ENOUGH = 2;

export function judgeUnlearning(
  { forgotten, retained }: Forgetfulness,
  isRetrained: boolean,
): GroupControl[] {
  const numbers = `Members of a removed group lose ${written(forgotten)} nats, other training images ${written(retained)}.`;
  const what = isRetrained ? 'Training without a group' : 'Unlearning';
  return [
    {
      name: 'under-unlearning',
      met: forgotten > 0 && forgotten >= FORGOTTEN_ENOUGH * Math.abs(retained),
      finding: `${numbers} ${what} has to tell the two apart.`,
    },
    {
      name: 'over-unlearning',
      met: Math.abs(retained) <= forgotten / FORGOTTEN_ENOUGH,
      finding: `${numbers} What stays has to stay nearly as it was.`,
    },
  ];
}

/** Three digits, with a true minus sign. */
function written(value: number): string {
  return value.toPrecision(3).replace('-', '−');
}
