/** @file The table `likenesses`: how like every image is to one of them. The newest answer alone is kept. */
import type { RunId, SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

interface Likeness {
  readonly sampleId: SampleId;
  /** Cosine of the embeddings, −1…1. */
  readonly similarity: number;
}

/** The most alike first; in place of what was asked before. */
export function saveLikenesses(connection: Connection, runId: RunId, found: readonly Likeness[]): void {
  const insert = connection.prepare(
    'INSERT INTO likenesses (runId, sampleId, rank, similarity) VALUES (?, ?, ?, ?)',
  );
  transact(connection, () => {
    connection.exec('DELETE FROM likenesses');
    for (const [index, { sampleId, similarity }] of found.entries())
      insert.run(runId, sampleId, index + 1, similarity);
  });
}

/** The run whose answer is kept; null: nothing has been asked. */
export function newestLikenessRun(connection: Connection): RunId | null {
  return connection.prepare('SELECT max(runId) FROM likenesses').pluck().get() as RunId | null;
}
