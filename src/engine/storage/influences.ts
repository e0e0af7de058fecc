/** @file The tables `attributions`, `influences` and `selfInfluences`: which training images stand behind which image. */
import { AttributionChoices, AttributionCost } from '../../contract/attribution-choices.ts';
import type { ModelId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

export interface StoredAttribution {
  readonly runId: RunId;
  readonly modelId: ModelId;
  readonly choices: AttributionChoices;
  /** λ as it is, and as a multiple of the mean non-zero eigenvalue; null where the method has none. */
  readonly damping: number | null;
  readonly relativeDamping: number | null;
}

/** As it is read again. */
export interface KeptAttribution extends StoredAttribution {
  readonly id: number;
  readonly createdAt: string;
  /** null: made before costs were kept. */
  readonly cost: AttributionCost | null;
}

interface AttributionRow extends Omit<KeptAttribution, 'choices' | 'cost'> {
  readonly method: string;
  readonly choices: string;
  readonly cost: string | null;
}

const ATTRIBUTIONS = 'SELECT a.* FROM attributions a JOIN runs r ON r.id = a.runId';

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
        `INSERT INTO attributions (runId, modelId, method, choices, damping, relativeDamping, createdAt)
         VALUES (@runId, @modelId, @method, @choices, @damping, @relativeDamping, @createdAt)`,
      )
      .run({
        ...attribution,
        method: attribution.choices.method,
        choices: JSON.stringify(AttributionChoices.parse(attribution.choices)),
        createdAt: new Date().toISOString(),
      });
    return Number(lastInsertRowid);
  });
}

/** What the attribution took, once it is done. */
export function saveAttributionCost(
  connection: Connection,
  attributionId: number,
  cost: AttributionCost,
): void {
  connection
    .prepare('UPDATE attributions SET cost = ? WHERE id = ?')
    .run(JSON.stringify(cost), attributionId);
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
): KeptAttribution | null {
  const row = connection
    .prepare(
      `${ATTRIBUTIONS} WHERE a.modelId = @modelId AND r.status = 'finished' AND (@runId IS NULL OR a.runId = @runId)
       ORDER BY a.id DESC LIMIT 1`,
    )
    .get({ modelId, runId });
  return row === undefined ? null : toAttribution(row as AttributionRow);
}

/** The finished attributions that cover a target, newest first. */
export function listAttributions(connection: Connection, targetId: SampleId): KeptAttribution[] {
  const rows = connection
    .prepare(
      `${ATTRIBUTIONS} WHERE r.status = 'finished'
         AND EXISTS (SELECT 1 FROM influences i WHERE i.attributionId = a.id AND i.targetId = ?)
       ORDER BY a.id DESC`,
    )
    .all(targetId) as AttributionRow[];
  return rows.map(toAttribution);
}

function toAttribution({ method, choices, cost, ...row }: AttributionRow): KeptAttribution {
  return {
    ...row,
    choices: AttributionChoices.parse({ method, ...(JSON.parse(choices) as object) }),
    cost: cost === null ? null : AttributionCost.parse(JSON.parse(cost)),
  };
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
  | (TargetInfluences & { readonly attribution: KeptAttribution; readonly selfInfluence: number | null })
  | null {
  const covering = listAttributions(connection, targetId);
  const attribution = covering.find((candidate) => candidate.runId === runId) ?? covering[0];
  if (attribution === undefined) return null;
  const { id } = attribution;
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
