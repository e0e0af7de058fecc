/** @file The tables `queries`, `queryAttributions` and `queryInfluences`: images that are asked about, and the training images behind them. */
import { z } from 'zod';
import { AttributionCost } from '../../contract/attribution-choices.ts';
import { DiffusionChoices } from '../../contract/generation-configs.ts';
import { FileClaims, type QueryAttributionEntry, type QueryImage } from '../../contract/queries-service.ts';
import { QueryId, SampleId, type ClassId, type ModelId, type RunId } from '../../contract/vocabulary.ts';
import { AppError } from '../../core/base/app-error.ts';
import { transact, type Connection } from './connection.ts';
import type { InfluenceRow } from './influences.ts';

/** A query with where its file lies. */
export interface StoredQuery extends QueryImage {
  /** Relative to the project. */
  readonly file: string;
  /** Number of a generated image within its seed; null of files. */
  readonly place: number | null;
}

export type NewQuery = Omit<StoredQuery, 'id' | 'createdAt'>;

interface QueryRow extends Omit<StoredQuery, 'generation' | 'claimed'> {
  readonly generation: string;
  readonly claimed: string | null;
}

/** Stores these; a generated image that is there already keeps its row. */
export function insertQueries(connection: Connection, queries: readonly NewQuery[]): QueryId[] {
  const insert = connection.prepare(
    `INSERT INTO queries (origin, modelId, runId, place, name, generation, classId, file, sha256, width, height, claimed, createdAt)
     VALUES (@origin, @modelId, @runId, @place, @name, @generation, @classId, @file, @sha256, @width, @height, @claimed, @createdAt)
     ON CONFLICT (runId, place) DO UPDATE SET file = excluded.file, sha256 = excluded.sha256
     RETURNING id`,
  );
  const createdAt = new Date().toISOString();
  return transact(connection, () =>
    queries.map(
      (query) =>
        insert.pluck().get({
          ...query,
          generation: JSON.stringify(query.generation),
          claimed: query.claimed === null ? null : JSON.stringify(query.claimed),
          createdAt,
        }) as QueryId,
    ),
  );
}

/** Newest first. */
export function listQueries(connection: Connection): StoredQuery[] {
  const rows = connection.prepare('SELECT * FROM queries ORDER BY id DESC').all() as QueryRow[];
  return rows.map(toQuery);
}

/** Those of these ids in their order, or all by id where none are named. */
export function readQueries(connection: Connection, ids: readonly QueryId[]): StoredQuery[] {
  if (ids.length === 0) return listQueries(connection).reverse();
  return ids.map((id) => readQuery(connection, id));
}

export function readQuery(connection: Connection, id: QueryId): StoredQuery {
  const row = connection.prepare('SELECT * FROM queries WHERE id = ?').get(id) as QueryRow | undefined;
  if (row === undefined) throw new AppError('query-not-found', { queryId: id });
  return toQuery(row);
}

/** Keeps what images from files are said to be made under; all of them or, where one was made here, none. */
export function tellQueries(
  connection: Connection,
  ids: readonly QueryId[],
  { classId, prompt }: { readonly classId: ClassId | null; readonly prompt: string | null },
): void {
  const update = connection.prepare('UPDATE queries SET classId = ?, generation = ? WHERE id = ?');
  transact(connection, () => {
    for (const id of ids) {
      const { origin, name } = readQuery(connection, id);
      if (origin !== 'file')
        throw new AppError('usage-invalid', {
          reason: `Query ${id} (${name}) was made here: what it was made under is known. Only images from files can be told`,
        });
      update.run(classId, JSON.stringify(prompt === null ? {} : { prompt }), id);
    }
  });
}

/** Answers the files that no query needs any more. */
export function removeQueries(connection: Connection, ids: readonly QueryId[]): string[] {
  return transact(connection, () => {
    const files = ids.map((id) => readQuery(connection, id).file);
    const remove = connection.prepare('DELETE FROM queries WHERE id = ?');
    for (const id of ids) remove.run(id);
    const isUsed = connection.prepare('SELECT 1 FROM queries WHERE file = ?').pluck();
    return [...new Set(files)].filter((file) => isUsed.get(file) === undefined);
  });
}

function toQuery({ generation, claimed, ...row }: QueryRow): StoredQuery {
  return {
    ...row,
    generation: JSON.parse(generation) as StoredQuery['generation'],
    claimed: claimed === null ? null : FileClaims.parse(JSON.parse(claimed)),
  };
}

export interface StoredQueryAttribution {
  readonly runId: RunId;
  readonly modelId: ModelId;
  readonly choices: DiffusionChoices;
  /** λ as it is, and as a multiple of the mean non-zero eigenvalue; null where the method has none. */
  readonly damping: number | null;
  readonly relativeDamping: number | null;
}

/** A training image of a query, and how its score differs over the members of an ensemble; null: one member. */
export interface QueryInfluenceRow extends InfluenceRow {
  readonly deviation?: number | null;
}

export interface QueryInfluences {
  readonly queryId: QueryId;
  readonly proponents: readonly QueryInfluenceRow[];
  readonly opponents: readonly QueryInfluenceRow[];
}

/** Scores of one query over all training images. */
const Moments = z.object({ mean: z.number(), deviation: z.number() });

/** What the scores of an attribution are judged against. */
export const AttributionBackground = z.object({
  /** Training images that were scored. */
  trainCount: z.number().int(),
  queries: z.array(Moments.extend({ queryId: QueryId })),
  controls: z.array(
    Moments.extend({
      role: z.enum(['training-image', 'held-out-image', 'unrelated']),
      sampleId: SampleId.nullable(),
      /** Score of the strongest proponent; null: none was positive. */
      strongest: z.number().nullable(),
      /** Of a training image: its rank and score among its own proponents; null: not among those that are kept. */
      own: z.object({ rank: z.number().int(), score: z.number() }).nullable(),
    }),
  ),
});
export type AttributionBackground = z.infer<typeof AttributionBackground>;

export function saveBackground(
  connection: Connection,
  attributionId: number,
  background: AttributionBackground,
): void {
  connection
    .prepare('UPDATE queryAttributions SET background = ? WHERE id = ?')
    .run(JSON.stringify(background), attributionId);
}

/** Starts an attribution afresh: what an earlier attempt of the same run had stored is replaced. */
export function insertQueryAttribution(connection: Connection, attribution: StoredQueryAttribution): number {
  return transact(connection, () => {
    connection.prepare('DELETE FROM queryAttributions WHERE runId = ?').run(attribution.runId);
    const { lastInsertRowid } = connection
      .prepare(
        `INSERT INTO queryAttributions (runId, modelId, choices, damping, relativeDamping, createdAt)
         VALUES (@runId, @modelId, @choices, @damping, @relativeDamping, @createdAt)`,
      )
      .run({
        ...attribution,
        choices: JSON.stringify(DiffusionChoices.parse(attribution.choices)),
        createdAt: new Date().toISOString(),
      });
    return Number(lastInsertRowid);
  });
}

export function saveQueryInfluences(
  connection: Connection,
  attributionId: number,
  influences: readonly QueryInfluences[],
): void {
  const insert = connection.prepare(
    `INSERT INTO queryInfluences (attributionId, queryId, side, position, sampleId, score, deviation)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  transact(connection, () => {
    for (const { queryId, proponents, opponents } of influences)
      for (const [side, entries] of [[1, proponents] as const, [-1, opponents] as const])
        entries.forEach(({ sampleId, score, deviation }, position) =>
          insert.run(attributionId, queryId, side, position, sampleId, score, deviation ?? null),
        );
  });
}

export function saveQueryAttributionCost(
  connection: Connection,
  attributionId: number,
  cost: AttributionCost,
): void {
  connection
    .prepare('UPDATE queryAttributions SET cost = ? WHERE id = ?')
    .run(JSON.stringify(cost), attributionId);
}

interface AttributionRow {
  readonly id: number;
  readonly runId: RunId;
  readonly modelId: ModelId;
  readonly choices: string;
  readonly cost: string | null;
  readonly background: string | null;
  readonly createdAt: string;
}

/** The strongest training images of a query by the attribution of `runId` where it covers the query, else by the newest; null where none does. */
export function findQueryInfluences(
  connection: Connection,
  queryId: QueryId,
  runId: RunId | null,
): (QueryInfluences & { found: QueryAttributionEntry; attributions: QueryAttributionEntry[] }) | null {
  const rows = connection
    .prepare(
      `SELECT a.* FROM queryAttributions a JOIN runs r ON r.id = a.runId WHERE r.status = 'finished'
         AND EXISTS (SELECT 1 FROM queryInfluences i WHERE i.attributionId = a.id AND i.queryId = ?)
       ORDER BY a.id DESC`,
    )
    .all(queryId) as AttributionRow[];
  const chosen = rows.find((row) => row.runId === runId) ?? rows[0];
  if (chosen === undefined) return null;
  const side = connection.prepare(
    'SELECT sampleId, score FROM queryInfluences WHERE attributionId = ? AND queryId = ? AND side = ? ORDER BY position',
  );
  return {
    queryId,
    found: toEntry(chosen),
    attributions: rows.map(toEntry),
    proponents: side.all(chosen.id, queryId, 1) as (InfluenceRow & { sampleId: SampleId })[],
    opponents: side.all(chosen.id, queryId, -1) as (InfluenceRow & { sampleId: SampleId })[],
  };
}

export interface KeptQueryAttribution extends QueryAttributionEntry {
  readonly queries: readonly QueryInfluences[];
  readonly background: AttributionBackground | null;
}

/** What an attribution kept of all its queries, in the order of their numbers; null: the run kept none. */
export function readQueryAttribution(connection: Connection, runId: RunId): KeptQueryAttribution | null {
  const row = connection.prepare('SELECT * FROM queryAttributions WHERE runId = ?').get(runId) as
    AttributionRow | undefined;
  if (row === undefined) return null;
  const influences = connection
    .prepare(
      `SELECT queryId, side, sampleId, score, deviation FROM queryInfluences WHERE attributionId = ?
       ORDER BY queryId, side, position`,
    )
    .all(row.id) as (QueryInfluenceRow & { readonly queryId: QueryId; readonly side: 1 | -1 })[];
  const queries = Map.groupBy(influences, ({ queryId }) => queryId);
  const sideOf = (entries: typeof influences, side: 1 | -1): QueryInfluenceRow[] =>
    entries
      .filter((entry) => entry.side === side)
      .map(({ sampleId, score, deviation }) => ({ sampleId, score, deviation: deviation ?? null }));
  return {
    ...toEntry(row),
    background: row.background === null ? null : AttributionBackground.parse(JSON.parse(row.background)),
    queries: Array.from(queries, ([queryId, entries]) => ({
      ...{ queryId, proponents: sideOf(entries, 1), opponents: sideOf(entries, -1) },
    })),
  };
}

function toEntry({ runId, modelId, choices, cost, createdAt }: AttributionRow): QueryAttributionEntry {
  return {
    runId,
    modelId,
    choices: DiffusionChoices.parse(JSON.parse(choices)),
    cost: cost === null ? null : AttributionCost.parse(JSON.parse(cost)),
    createdAt,
  };
}
