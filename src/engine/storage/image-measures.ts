/** @file What the pixels of images measure, kept so that they are read once. */
import type { ImageMeasures } from '../../core/curation/images/image-measures.ts';
import type { ClassId, SampleId, Split } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

/** Of the way of measuring: images measured in another way are measured anew. */
const REVISION = 1;

export interface MeasuredPixels extends ImageMeasures {
  readonly pixelHash: string;
  /** Brightness over 32 × 32. */
  readonly signature: Uint8Array;
}

/** A measured image and what else issues are told by. */
export interface MeasuredSample extends Omit<MeasuredPixels, 'signature'> {
  readonly id: SampleId;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly split: Split;
  readonly label: ClassId | null;
}

/** Images that are there and not measured yet, or changed since. */
export function listUnmeasured(connection: Connection): { id: SampleId; sha256: string }[] {
  return connection
    .prepare(
      `SELECT s.id, s.sha256 FROM samples s LEFT JOIN imageMeasures m ON m.sampleId = s.id
       WHERE s.missing = 0 AND (m.sampleId IS NULL OR m.sha256 != s.sha256 OR m.revision != ?) ORDER BY s.id`,
    )
    .all(REVISION) as { id: SampleId; sha256: string }[];
}

export function saveMeasures(
  connection: Connection,
  measured: readonly (MeasuredPixels & { readonly id: SampleId; readonly sha256: string })[],
): void {
  const insert = connection.prepare(
    `INSERT OR REPLACE INTO imageMeasures (sampleId, sha256, revision, pixelHash, luminance, shadows, highlights, contrast,
                                           entropy, sharpness, signature)
     VALUES (@id, @sha256, @revision, @pixelHash, @luminance, @shadows, @highlights, @contrast, @entropy, @sharpness, @signature)`,
  );
  transact(connection, () => {
    for (const { sharpness, ...row } of measured)
      insert.run({ ...row, revision: REVISION, sharpness: Number.isNaN(sharpness) ? null : sharpness });
  });
}

/** Everything measured of the images that are there, by id. */
export function listMeasured(connection: Connection): MeasuredSample[] {
  const rows = connection
    .prepare(
      `SELECT s.id, s.sha256, s.width, s.height, s.split, s.label, m.pixelHash, m.luminance, m.shadows, m.highlights,
              m.contrast, m.entropy, m.sharpness
       FROM imageMeasures m JOIN samples s ON s.id = m.sampleId
       WHERE s.missing = 0 AND m.sha256 = s.sha256 AND m.revision = ? ORDER BY s.id`,
    )
    .all(REVISION) as (Omit<MeasuredSample, 'sharpness'> & { sharpness: number | null })[];
  return rows.map((row) => ({ ...row, sharpness: row.sharpness ?? NaN }));
}

/** [ids, 1024] in the order asked for. */
export function readSignatures(connection: Connection, ids: readonly SampleId[], bytes: number): Uint8Array {
  const select = connection.prepare('SELECT signature FROM imageMeasures WHERE sampleId = ?').pluck();
  const all = new Uint8Array(ids.length * bytes);
  for (const [place, id] of ids.entries()) all.set(select.get(id) as Uint8Array, place * bytes);
  return all;
}
