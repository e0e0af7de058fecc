/** @file Which images there are: filtered ids for the grid, tiles, and one image in full. */
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { SampleDetail, SampleOrder } from '../../contract/samples-service.ts';
import type { ModelId, SampleId, SampleTile, TagId } from '../../contract/vocabulary.ts';
import { columnsOfSample } from './columns.ts';
import type { Connection } from './connection.ts';
import { flagsOf } from './culprit-flags.ts';
import { historyOfSample } from './history.ts';
import { readModel } from './models.ts';
import { findPrediction } from './predictions.ts';
import { compileFilter, type CompleteFilter } from './sample-filter.ts';
import { orderedIds } from './sample-order.ts';

const TILE_COLUMNS = `s.id, s.path, s.split, s.givenLabel, s.label, s.decision, s.width, s.height, s.missing,
  (SELECT json_group_array(t.tagId) FROM sampleTags t WHERE t.sampleId = s.id) AS tags`;

const importOrder: SampleOrder = { by: 'import', descending: false };

/** Ids of every image that the filter lets through, in order. Ties are in the order of import. */
export function querySamples(
  connection: Connection,
  filter: CompleteFilter,
  order: SampleOrder = importOrder,
): Int32Array<ArrayBuffer> {
  return Int32Array.from(orderedIds(connection, compileFilter(connection, filter), order));
}

/** The images of these ids in the order asked for; unknown ids are left out. */
export function readTiles(connection: Connection, ids: readonly SampleId[]): SampleTile[] {
  const rows = connection
    .prepare(
      `SELECT ${TILE_COLUMNS} FROM json_each(?) wanted JOIN samples s ON s.id = wanted.value ORDER BY wanted.key`,
    )
    .all(JSON.stringify(ids)) as TileRow[];
  return rows.map(toTile);
}

/** The largest id: about how many images there are, at no cost. */
export function lastSampleId(connection: Connection): number {
  return connection.prepare('SELECT coalesce(max(id), 0) FROM samples').pluck().get() as number;
}

/** Refuses ids that no image has. */
export function refuseUnknownSamples(connection: Connection, sampleIds: readonly SampleId[]): void {
  const unknown = connection
    .prepare('SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM samples) LIMIT 1')
    .pluck()
    .get(JSON.stringify(sampleIds));
  if (unknown !== undefined) throw new AppError('sample-not-found', { sampleId: unknown as number });
}

/** Everything about one image. */
export function readSampleDetail(connection: Connection, id: SampleId): SampleDetail {
  const row = connection
    .prepare(
      `SELECT ${TILE_COLUMNS}, s.sha256, s.bytes, s.format, s.importedAt, source.root AS sourceRoot,
              source.kind AS sourceKind
       FROM samples s JOIN sources source ON source.id = s.sourceId WHERE s.id = ?`,
    )
    .get(id) as DetailRow | undefined;
  if (row === undefined) throw new AppError('sample-not-found', { sampleId: id });
  const { sourceRoot, sourceKind, ...sample } = row;
  return {
    ...toTile(sample),
    // An image of an IDX file has no file of its own.
    absolutePath: sourceKind === 'idx' ? sourceRoot : join(sourceRoot, sample.path),
    prediction: newestPrediction(connection, id),
    columns: columnsOfSample(connection, id),
    flags: flagsOf(connection, id),
    history: historyOfSample(connection, id),
  };
}

/** What the newest model that saw the image says about it, the most probable class first. */
function newestPrediction(connection: Connection, sampleId: SampleId): SampleDetail['prediction'] {
  const modelId = connection
    .prepare(
      `SELECT m.id FROM models m JOIN predictions p ON p.modelId = m.id AND p.sampleId = ?
       ORDER BY m.id DESC LIMIT 1`,
    )
    .pluck()
    .get(sampleId) as ModelId | undefined;
  const prediction = modelId === undefined ? null : findPrediction(connection, modelId, sampleId);
  if (modelId === undefined || prediction === null) return null;
  const { classIds } = readModel(connection, modelId);
  const probabilities = classIds.map((classId, index) => ({
    classId,
    probability: prediction.probabilities[index]!,
  }));
  return {
    modelId,
    outOfSample: prediction.outOfSample,
    probabilities: probabilities.sort((a, b) => b.probability - a.probability),
  };
}

type TileRow = Omit<SampleTile, 'missing' | 'tags'> & { readonly missing: number; readonly tags: string };

interface DetailRow extends TileRow {
  readonly sha256: string;
  readonly bytes: number;
  readonly format: string;
  readonly importedAt: string;
  readonly sourceRoot: string;
  readonly sourceKind: string;
}

function toTile<Row extends TileRow>(
  row: Row,
): Omit<Row, 'missing' | 'tags'> & Pick<SampleTile, 'missing' | 'tags'> {
  return { ...row, missing: row.missing === 1, tags: JSON.parse(row.tags) as TagId[] };
}
