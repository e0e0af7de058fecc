/** @file Which exhibits are added blind: what the checks point to, and some that they do not, so that judging tells them apart or does not. */
import type { CaseFile } from '../../../contract/cases-service.ts';
import type { GroupId, QueryId, SampleId } from '../../../contract/vocabulary.ts';
import { drawnOrder } from '../../state/blind-order.ts';
import type { NewExhibit } from '../../state/cases.svelte.ts';

/** So many of the nearest, and so many that no check points to; of each method the strongest alone. */
const NEAREST = 2;
const OTHERS = 2;

/** Those that are not exhibits yet, in an order drawn from a seed of the case's own: their numbers say nothing of ranks. */
export function blindCandidates(file: CaseFile): NewExhibit[] {
  const pairs = file.queryIds.flatMap((queryId) => candidatesOf(file, queryId));
  const isNew = (candidate: NewExhibit): boolean =>
    !file.exhibits.some((exhibit) => showsSame(exhibit, candidate));
  return drawnOrder(file.id, pairs).filter(isNew);
}

function showsSame(exhibit: NewExhibit, { queryId, sampleId, groupId }: NewExhibit): boolean {
  return exhibit.queryId === queryId && exhibit.sampleId === sampleId && exhibit.groupId === groupId;
}

function candidatesOf(file: CaseFile, queryId: QueryId): NewExhibit[] {
  const nearest = nearestOf(file, queryId);
  const strongest = file.influence.flatMap(({ queries }) => {
    const found = queries.find((query) => query.queryId === queryId)?.proponents ?? [];
    return found.slice(0, 1).map(({ sampleId }) => sampleId);
  });
  const pointed = [...new Set([...nearest.slice(0, NEAREST), ...strongest])];
  // The least alike of those that were kept: images of the same set that no check points to.
  const others = nearest
    .slice(NEAREST)
    .toReversed()
    .filter((id) => !pointed.includes(id))
    .slice(0, OTHERS);
  return [
    ...[...pointed, ...others].map((sampleId) => ({ queryId, sampleId, groupId: null, caption: '' })),
    ...groupsOf(file, queryId).map((groupId) => ({ queryId, sampleId: null, groupId, caption: '' })),
  ];
}

/** The group that scores most by the newest run, and the one that scores least. */
function groupsOf({ shares }: CaseFile, queryId: QueryId): GroupId[] {
  const scores = shares.at(-1)?.queries.find((query) => query.queryId === queryId)?.scores ?? [];
  const ordered = scores.toSorted((a, b) => b.raw - a.raw).map(({ groupId }) => groupId);
  const [most, ...rest] = ordered;
  const least = rest.at(-1);
  return [most, least].filter((id) => id !== undefined);
}

function nearestOf({ copies }: CaseFile, queryId: QueryId): SampleId[] {
  const found = copies?.queries.find((query) => query.role === 'query' && query.queryId === queryId);
  return found?.matches.map(({ sampleId }) => sampleId) ?? [];
}
