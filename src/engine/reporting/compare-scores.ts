/** @file What was computed again, held against what a bundle says: score by score, within stated tolerances. */
import { parse } from 'csv-parse/sync';
import type { CopySearch } from '../../contract/cases-service.ts';
import type { GroupScore, QueryGroupScores } from '../../contract/groups-service.ts';
import { writeFigure } from '../../contract/claim-words.ts';

/**
 * How far a repeated figure may be off. On one machine runs repeat bit for bit; another machine, or provider, rounds otherwise, and what is trained on (unlearning, new
 * trainings) lets rounding grow.
 */
export const tolerances = {
  /** Of similarities and correlations, −1 … 1. */
  likeness: 0.005,
  /** Of scores of single images, in parts of the query's largest. */
  influence: 0.01,
  /** Of scores of groups, in parts of the query's largest; of shares, in parts of the whole. */
  groups: 0.05,
} as const;

export interface Comparison {
  readonly holds: boolean;
  /** For a person. */
  readonly detail: string;
}

/** What an attribution found of each query, the strongest first. */
export interface RepeatedInfluence {
  readonly queries: readonly {
    readonly queryId: number;
    readonly proponents: readonly { readonly sampleId: number; readonly score: number }[];
  }[];
}

type Row = Readonly<Record<string, string>>;

export function compareCopies(table: string, runId: number, repeated: CopySearch): Comparison {
  const found = new Map<string, CopySearch['queries'][number]['matches'][number]>(
    repeated.queries.flatMap(({ queryId, matches }) =>
      matches.map((match) => [`${queryId} ${match.sampleId}`, match]),
    ),
  );
  const rows = rowsOf(table, runId);
  return compare(rows, tolerances.likeness, (row) => {
    const match = found.get(`${row['query']} ${row['sample']}`);
    if (match === undefined || match.step !== row['step']) return null;
    return Math.max(off(row['similarity'], match.similarity), off(row['agreement'], match.agreement));
  });
}

export function compareInfluence(table: string, runId: number, repeated: RepeatedInfluence): Comparison {
  const rows = rowsOf(table, runId);
  const largest = largestOf(rows, 'score');
  const found = new Map<string, number>(
    repeated.queries.flatMap(({ queryId, proponents }) =>
      proponents.map(({ sampleId, score }) => [`${queryId} ${sampleId}`, score] as const),
    ),
  );
  return compare(rows, tolerances.influence, (row) => {
    const score = found.get(`${row['query']} ${row['sample']}`);
    // The last that were kept may change places with the first that were not.
    if (score === undefined) return isLast(row, rows) ? 0 : null;
    return off(row['score'], score) / largest.get(row['query']!)!;
  });
}

/** What a repeated attribution says of the groups. */
export interface RepeatedGroups {
  readonly queries: readonly Pick<QueryGroupScores, 'queryId' | 'scores' | 'unattributed'>[];
}

type RepeatedGroup = GroupScore & Pick<QueryGroupScores, 'unattributed'>;

/** Percentiles and p-values follow from the scores and the band, and are not compared: of few random groups they move in steps. */
export function compareGroups(table: string, runId: number, repeated: RepeatedGroups): Comparison {
  const rows = rowsOf(table, runId);
  const largest = largestOf(rows, 'raw', 'bandLow', 'bandHigh');
  const largestPerImage = largestOf(rows, 'perImage');
  const found = new Map<string, RepeatedGroup>(
    repeated.queries.flatMap(({ queryId, scores, unattributed }) =>
      scores.map((score) => [`${queryId} ${score.groupId}`, { ...score, unattributed }] as const),
    ),
  );
  return compare(rows, tolerances.groups, (row) => {
    const score = found.get(`${row['query']} ${row['group']}`);
    if (score === undefined) return null;
    const offScale = Math.max(
      off(row['raw'], score.raw),
      off(row['deviation'], score.deviation),
      off(row['bandLow'], score.band?.low ?? null),
      off(row['bandHigh'], score.band?.high ?? null),
    );
    return Math.max(
      offScale / largest.get(row['query']!)!,
      off(row['perImage'], score.perImage) / largestPerImage.get(row['query']!)!,
      off(row['share'], score.share),
      off(row['unattributed'], score.unattributed),
    );
  });
}

function rowsOf(table: string, runId: number): Row[] {
  return parse<Row>(table, { columns: true }).filter((row) => row['run'] === String(runId));
}

/** `offOf` answers how far a row is off; null: it was not found again. */
function compare(rows: readonly Row[], tolerance: number, offOf: (row: Row) => number | null): Comparison {
  if (rows.length === 0) return { holds: false, detail: 'The bundle has no figures of this run.' };
  const offs = rows.map(offOf);
  const gone = offs.filter((each) => each === null).length;
  const worst = Math.max(...offs.map((each) => each ?? 0));
  const detail = `${rows.length} figures: the largest difference is ${writeFigure(worst)}, allowed is ${writeFigure(tolerance)}`;
  return {
    holds: gone === 0 && worst <= tolerance,
    detail: gone === 0 ? `${detail}.` : `${detail}; ${gone} were not found again.`,
  };
}

function off(stated: string | undefined, found: number | null): number {
  if (stated === undefined || stated === '') return found === null ? 0 : Infinity;
  return found === null ? Infinity : Math.abs(Number(stated) - found);
}

/** By query; never 0. */
function largestOf(rows: readonly Row[], ...columns: readonly string[]): ReadonlyMap<string, number> {
  const largest = new Map<string, number>();
  for (const row of rows) {
    const sizes = columns.map((column) => Math.abs(Number(row[column])));
    largest.set(row['query']!, Math.max(largest.get(row['query']!) ?? 1e-12, ...sizes));
  }
  return largest;
}

function isLast(row: Row, rows: readonly Row[]): boolean {
  const places = rows
    .filter((other) => other['query'] === row['query'])
    .map((other) => Number(other['place']));
  return Number(row['place']) >= Math.max(...places) - 1;
}
