/** @file The tables `synsets` and `datamodelAnswers`. */
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { DistilConfig, type SynsetId } from '../../contract/datamodel-configs.ts';
import { DatamodelAnswer, MatchedCheckpoint, Synset } from '../../contract/datamodels-service.ts';
import type { ModelId, RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

export interface StoredSynset extends Synset {
  /** Relative to the project. */
  readonly artifact: string;
}

interface SynsetRow extends Omit<StoredSynset, 'choices' | 'matched'> {
  readonly choices: string;
  readonly matched: string;
}

export function saveSynset(connection: Connection, synset: Omit<StoredSynset, 'id' | 'createdAt'>): SynsetId {
  const { lastInsertRowid } = connection
    .prepare(
      `INSERT INTO synsets (runId, modelId, artifact, choices, clusterCount, sampleCount, matched, seconds, createdAt)
       VALUES (@runId, @modelId, @artifact, @choices, @clusterCount, @sampleCount, @matched, @seconds, @createdAt)`,
    )
    .run({
      ...synset,
      choices: JSON.stringify(synset.choices),
      matched: JSON.stringify(synset.matched),
      createdAt: new Date().toISOString(),
    });
  return Number(lastInsertRowid) as SynsetId;
}

/** Newest first. */
export function listSynsets(connection: Connection): StoredSynset[] {
  return (connection.prepare('SELECT * FROM synsets ORDER BY id DESC').all() as SynsetRow[]).map(toSynset);
}

/** The newest where `id` is null; of that model where one is named. */
export function readSynset(
  connection: Connection,
  id: SynsetId | null,
  modelId: ModelId | null = null,
): StoredSynset {
  const found = listSynsets(connection).find(
    (synset) => (id === null || synset.id === id) && (modelId === null || synset.modelId === modelId),
  );
  if (found !== undefined) return found;
  if (id === null) throw new AppError('synset-missing', {});
  throw new AppError('synset-not-found', { synsetId: id });
}

/** The synset that a run made, or null. */
export function findSynsetOfRun(connection: Connection, runId: RunId): StoredSynset | null {
  return listSynsets(connection).find((synset) => synset.runId === runId) ?? null;
}

/** With the answers that were had from it. */
export function removeSynset(connection: Connection, id: SynsetId): void {
  const { changes } = connection.prepare('DELETE FROM synsets WHERE id = ?').run(id);
  if (changes === 0) throw new AppError('synset-not-found', { synsetId: id });
}

/** What an earlier attempt of the same run had stored is replaced. `artifact`: relative to the project. */
export function saveAnswer(connection: Connection, answer: DatamodelAnswer, artifact: string): void {
  const { runId, synsetId, modelId, createdAt } = answer;
  connection
    .prepare(
      `INSERT OR REPLACE INTO datamodelAnswers (runId, synsetId, modelId, artifact, answer, createdAt)
       VALUES (@runId, @synsetId, @modelId, @artifact, @answer, @createdAt)`,
    )
    .run({ runId, synsetId, modelId, artifact, createdAt, answer: JSON.stringify(answer) });
}

/** Newest first; of one synset, or of all. */
export function listAnswers(connection: Connection, synsetId: SynsetId | null): DatamodelAnswer[] {
  const rows = connection
    .prepare(
      'SELECT answer FROM datamodelAnswers WHERE @synsetId IS NULL OR synsetId = @synsetId ORDER BY runId DESC',
    )
    .pluck()
    .all({ synsetId }) as string[];
  return rows.map((answer) => DatamodelAnswer.parse(JSON.parse(answer)));
}

export interface StoredAnswer {
  readonly synsetId: SynsetId;
  readonly artifact: string;
}

export function readAnswer(connection: Connection, runId: RunId): StoredAnswer {
  const row = connection
    .prepare('SELECT synsetId, artifact FROM datamodelAnswers WHERE runId = ?')
    .get(runId) as StoredAnswer | undefined;
  if (row === undefined) throw new AppError('run-not-found', { runId });
  return row;
}

function toSynset({ choices, matched, ...row }: SynsetRow): StoredSynset {
  return {
    ...row,
    choices: DistilConfig.parse(JSON.parse(choices)),
    matched: z.array(MatchedCheckpoint).parse(JSON.parse(matched)),
  };
}
