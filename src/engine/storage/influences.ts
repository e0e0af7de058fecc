/** @file The tables `attributions`, `influences` and `selfInfluences`: which training images stand behind which image. */
import type { AttributionMethod } from '../../contract/attribution-choices.ts';
import type { ModelId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

export interface StoredAttribution {
  readonly runId: RunId;
  readonly modelId: ModelId;
  readonly method: AttributionMethod;
  /** λ as it is, and as a multiple of the mean non-zero eigenvalue; null where the method has none. */
  readonly damping: number | null;
  readonly relativeDamping: number | null;
}

export interface InfluenceRow {
  readonly sampleId: number;
  readonly score: number;
}

/** The strongest training images of one target, strongest first on each side. */
export interface TargetInfluences {
  readonly targetId: SampleId;
  readonly proponents: readonly InfluenceRow[];
  readonly opponents: readonly InfluenceRow[];
}

/** Starts an attribution afresh: what an earlier attempt of the same run had stored is replaced. */
export function insertAttribution(connection: Connection, attribution: StoredAttribution): number {
  return transact(connection, () => {
    const mine = '(SELECT id FROM attributions WHERE runId = ?)';
    connection.prepare(`DELETE FROM influences WHERE attributionId IN ${mine}`).run(attribution.runId);
    connection.prepare(`DELETE FROM selfInfluences WHERE attributionId IN ${mine}`).run(attribution.runId);
    connection.prepare('DELETE FROM attributions WHERE runId = ?').run(attribution.runId);
    const { lastInsertRowid } = connection
      .prepare(
        `INSERT INTO attributions (runId, modelId, method, damping, relativeDamping, createdAt)
         VALUES (@runId, @modelId, @method, @damping, @relativeDamping, @createdAt)`,
      )
      .run({ ...attribution, createdAt: new Date().toISOString() });
    return Number(lastInsertRowid);
  });
}

export function saveInfluences(
  connection: Connection,
  attributionId: number,
  targets: readonly TargetInfluences[],
): void {
  const insert = connection.prepare(
    `INSERT INTO influences (attributionId, targetId, side, position, sampleId, score) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  transact(connection, () => {
    for (const { targetId, proponents, opponents } of targets) {
      for (const [side, entries] of [[1, proponents] as const, [-1, opponents] as const])
        entries.forEach(({ sampleId, score }, position) =>
          insert.run(attributionId, targetId, side, position, sampleId, score),
        );
    }
  });
}

export function saveSelfInfluences(
  connection: Connection,
  attributionId: number,
  scores: Iterable<InfluenceRow>,
): void {
  const insert = connection.prepare(
    'INSERT OR REPLACE INTO selfInfluences (attributionId, sampleId, score) VALUES (?, ?, ?)',
  );
  transact(connection, () => {
    for (const { sampleId, score } of scores) insert.run(attributionId, sampleId, score);
  });
}

/** The finished attribution of a model by `runId`, or the newest where that is null; null where there is none. */
export function findAttribution(
  connection: Connection,
  modelId: ModelId,
  runId: RunId | null = null,
): (StoredAttribution & { readonly id: number }) | null {
  const row = connection
    .prepare(
      `SELECT a.id, a.runId, a.modelId, a.method, a.damping, a.relativeDamping
       FROM attributions a JOIN runs r ON r.id = a.runId
       WHERE a.modelId = @modelId AND r.status = 'finished' AND (@runId IS NULL OR a.runId = @runId)
       ORDER BY a.id DESC LIMIT 1`,
    )
    .get({ modelId, runId });
  return (row as (StoredAttribution & { id: number }) | undefined) ?? null;
}

/** The finished attributions that cover a target, newest first. */
export function listAttributions(
  connection: Connection,
  targetId: SampleId,
): (StoredAttribution & { readonly id: number; readonly createdAt: string })[] {
  const rows = connection
    .prepare(
      `SELECT a.id, a.runId, a.modelId, a.method, a.damping, a.relativeDamping, a.createdAt
       FROM attributions a JOIN runs r ON r.id = a.runId
       WHERE r.status = 'finished'
         AND EXISTS (SELECT 1 FROM influences i WHERE i.attributionId = a.id AND i.targetId = ?)
       ORDER BY a.id DESC`,
    )
    .all(targetId);
  return rows as (StoredAttribution & { id: number; createdAt: string })[];
}

/**
 * The strongest training images of one target in the attribution of `runId` where it covers the target, else in the newest
 * that does; null where none does.
 */
export function findInfluences(
  connection: Connection,
  targetId: SampleId,
  runId: RunId | null = null,
):
  | (TargetInfluences & { readonly attribution: StoredAttribution; readonly selfInfluence: number | null })
  | null {
  const covering = listAttributions(connection, targetId);
  const found = covering.find((attribution) => attribution.runId === runId) ?? covering[0];
  if (found === undefined) return null;
  const { id, ...attribution } = found;
  const side = connection.prepare(
    `SELECT sampleId, score FROM influences WHERE attributionId = ? AND targetId = ? AND side = ? ORDER BY position`,
  );
  const self = connection
    .prepare('SELECT score FROM selfInfluences WHERE attributionId = ? AND sampleId = ?')
    .pluck()
    .get(id, targetId);
  return {
    targetId,
    attribution,
    proponents: side.all(id, targetId, 1) as InfluenceRow[],
    opponents: side.all(id, targetId, -1) as InfluenceRow[],
    selfInfluence: (self as number | undefined) ?? null,
  };
}

/** sample → its score for itself. */
export function readSelfInfluences(connection: Connection, attributionId: number): Map<SampleId, number> {
  const rows = connection
    .prepare('SELECT sampleId, score FROM selfInfluences WHERE attributionId = ?')
    .all(attributionId) as { sampleId: SampleId; score: number }[];
  return new Map(rows.map(({ sampleId, score }) => [sampleId, score]));
}
