/**
 * @file A project of any number of images that exist as rows alone: labels, scores, tags, predictions and columns drawn with a seed, and
 * a few small thumbnails that all of them share. What is measured on it is the window and the database, not decoding.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import sharp from 'sharp';
import { Random } from '../../src/core/base/random.ts';
import { ensureClass } from '../../src/engine/storage/classes.ts';
import { transact, type Connection } from '../../src/engine/storage/connection.ts';
import { createProjectFolder, type ProjectFolder } from '../../src/engine/storage/project-folder.ts';
import { ensureTag } from '../../src/engine/storage/tags.ts';

const CLASS_NAMES = [
  'ankle boot',
  'bag',
  'coat',
  'dress',
  'pullover',
  'sandal',
  'shirt',
  'sneaker',
  'top',
  'trouser',
];
const ARTISTS = ['Cassatt', 'Hokusai', 'Manet', 'Monet', 'Morisot', 'Pissarro', 'Renoir', 'Sisley'];
/** So many pictures stand for all images. */
const PICTURES = 16;

/** Makes it at `path` where it is not there yet, whole or not at all. */
export async function ensureLargeProject(path: string, count: number): Promise<void> {
  if (existsSync(path)) return;
  const partial = path.replace(/\.whence$/, '.partial.whence');
  rmSync(partial, { recursive: true, force: true });
  const folder = createProjectFolder(partial);
  const pictures = await drawPictures();
  fill(folder, count, pictures);
  folder.close();
  renameSync(partial, path);
}

/** Flat tiles of different colours with a darker edge. */
function drawPictures(): Promise<Buffer[]> {
  return Promise.all(
    Array.from({ length: PICTURES }, (_, index) => {
      const channel = (offset: number): number => Math.round(127 + 100 * Math.cos(index + offset));
      const background = { r: channel(0), g: channel(2), b: channel(4) };
      return sharp({ create: { width: 72, height: 72, channels: 3, background } })
        .extend({ top: 12, bottom: 12, left: 12, right: 12, background: '#333' })
        .webp()
        .toBuffer();
    }),
  );
}

function fill({ connection, thumbnails }: ProjectFolder, count: number, pictures: readonly Buffer[]): void {
  const random = new Random(1, 'large-project');
  const classIds = CLASS_NAMES.map((name) => ensureClass(connection, name));
  const tagIds = ['checked', 'night'].map((name) => ensureTag(connection, name));
  transact(thumbnails, () => {
    const insert = thumbnails.prepare('INSERT INTO thumbnails (sampleId, size, bytes) VALUES (?, 96, ?)');
    for (let id = 1; id <= count; id++) insert.run(id, pictures[id % PICTURES]);
  });
  transact(connection, () => {
    const insert = insertStatements(connection);
    for (let id = 1; id <= count; id++) {
      const label = random.integer(classIds.length);
      const predicted = random.uniform() < 0.9 ? label : random.integer(classIds.length);
      const split = (['train', 'train', 'train', 'train', 'test'] as const)[id % 5]!;
      const digits = String(id).padStart(7, '0');
      insert.sample.run({
        id,
        path: `${split}/${CLASS_NAMES[label]!.replace(' ', '-')}/${digits}.png`,
        sha256: digits.padStart(64, '0'),
        bytes: 500 + random.integer(4000),
        width: 64 + random.integer(512),
        height: 64 + random.integer(512),
        split,
        label: classIds[label]!,
      });
      const confidence = 0.3 + 0.7 * random.uniform();
      const probabilities = Float32Array.from(classIds, (_, index) =>
        index === predicted ? confidence : (1 - confidence) / (classIds.length - 1),
      );
      insert.prediction.run(
        id,
        classIds[label],
        Buffer.from(probabilities.buffer),
        classIds[predicted],
        confidence,
      );
      insert.cell.run(1, id, ARTISTS[random.integer(ARTISTS.length)], null);
      const luma = Number((255 * random.uniform()).toFixed(2));
      insert.cell.run(2, id, String(luma), luma);
      if (id % 50 === 0) insert.tag.run(tagIds[random.integer(tagIds.length)], id);
    }
    connection.exec(`
      INSERT INTO issues (runId, sampleId, rank, score, givenLabel, suggestedLabel, signals, flagged)
      SELECT 1, sampleId, row_number() OVER (ORDER BY confidence, sampleId), 1 - confidence, labelSeen, predictedClass, '{}',
             predictedClass != labelSeen
      FROM predictions;
      UPDATE issueRuns SET issueCount = (SELECT count(*) FROM issues), flaggedCount = (SELECT sum(flagged) FROM issues)`);
  });
  connection.exec('ANALYZE');
  connection.pragma('wal_checkpoint(TRUNCATE)');
  thumbnails.pragma('wal_checkpoint(TRUNCATE)');
}

/** The rows that others refer to, and statements for those of each image. */
function insertStatements(connection: Connection) {
  const at = '2026-01-01T00:00:00.000Z';
  connection.exec(`
    INSERT INTO sources (id, kind, path, importedAt) VALUES (1, 'split-class-folders', '/nowhere', '${at}');
    INSERT INTO columns (id, name) VALUES (1, 'artist'), (2, 'mean luma');
    INSERT INTO runs (id, kind, status, config, createdAt, finishedAt) VALUES (1, 'train', 'finished', '{}', '${at}', '${at}');
    INSERT INTO models (id, runId, name, architecture, parameterCount, imageSize, channels, classIds, normalization, artifact,
                        dataHash, trainCount, createdAt)
    SELECT 1, 1, 'linear 1', 'linear', 10, 28, 1, json_group_array(id), '{"means":[0],"deviations":[1]}', 'models/1', '', 1, '${at}'
    FROM classes;
    INSERT INTO issueRuns (runId, modelId, method, seenEventId, createdAt) VALUES (1, 1, 'combined', 0, '${at}')`);
  return {
    sample: connection.prepare(
      `INSERT INTO samples (id, sourceId, path, sha256, bytes, modifiedMs, format, width, height, channels, split, givenLabel,
                            label, missing, importedAt)
       VALUES (@id, 1, @path, @sha256, @bytes, 0, 'png', @width, @height, 3, @split, @label, @label, 0, '${at}')`,
    ),
    prediction: connection.prepare(
      `INSERT INTO predictions (modelId, sampleId, outOfSample, fold, labelSeen, probabilities, predictedClass, confidence)
       VALUES (1, ?, 1, 0, ?, ?, ?, ?)`,
    ),
    cell: connection.prepare(
      'INSERT INTO columnValues (columnId, sampleId, value, number) VALUES (?, ?, ?, ?)',
    ),
    tag: connection.prepare('INSERT INTO sampleTags (tagId, sampleId) VALUES (?, ?)'),
  };
}
