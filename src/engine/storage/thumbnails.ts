/** @file Small pictures of the samples, in thumbs.db. A sample smaller than a size has no row for it. */
import type { SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

export interface StoredThumbnail {
  /** The size that it was made for: the longest side in pixels. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** The largest stored picture that is not above `size`; null where there is none. */
export function findThumbnail(thumbnails: Connection, id: SampleId, size: number): Uint8Array | null {
  return findThumbnails(thumbnails, [id], size)[0]!;
}

/** The same of many, in the order of the ids. */
export function findThumbnails(
  thumbnails: Connection,
  ids: readonly SampleId[],
  size: number,
): (Uint8Array | null)[] {
  return thumbnails
    .prepare(
      `SELECT (SELECT bytes FROM thumbnails t WHERE t.sampleId = wanted.value AND t.size <= ? ORDER BY t.size DESC LIMIT 1)
       FROM json_each(?) wanted ORDER BY wanted.key`,
    )
    .pluck()
    .all(size, JSON.stringify(ids)) as (Uint8Array | null)[];
}

/** Replaces the pictures of these samples. */
export function saveThumbnails(
  thumbnails: Connection,
  entries: Iterable<{ readonly id: SampleId; readonly pictures: readonly StoredThumbnail[] }>,
): void {
  transact(thumbnails, () => {
    const clear = thumbnails.prepare('DELETE FROM thumbnails WHERE sampleId = ?');
    const insert = thumbnails.prepare('INSERT INTO thumbnails (sampleId, size, bytes) VALUES (?, ?, ?)');
    for (const { id, pictures } of entries) {
      clear.run(id);
      for (const { size, bytes } of pictures) insert.run(id, size, bytes);
    }
  });
}
