/** @file Imports IDX pairs: tens of thousands of tiny images in two files. Each image is hashed by its pixels. */
import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ClassId } from '../../contract/vocabulary.ts';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import { readIdxPair } from '../formats/idx.ts';
import type { IdxSourcePart } from '../formats/idx-source.ts';
import { renderGreyThumbnails } from '../images/thumbnails.ts';
import { transact } from '../storage/connection.ts';
import {
  forgetOtherProblems,
  insertSamples,
  markMissing,
  readKnownSamples,
  relocateSamples,
  saveProblems,
  updateSamples,
  type FoundSample,
  type KnownSample,
} from '../storage/imports.ts';
import { saveThumbnails, type StoredThumbnail } from '../storage/thumbnails.ts';
import { idxClassName } from './idx-classes.ts';
import { problemDetail, type ImportTask } from './import-task.ts';
import type { IdxSource } from './open-source.ts';

const BATCH_SIZE = 1000;

/** The images of one pair, in memory. */
interface OpenPart {
  readonly name: string;
  readonly split: IdxSourcePart['split'];
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** Of the younger of the two files: a change of either makes us look again. */
  readonly modifiedMs: number;
}

interface FoundImage {
  readonly found: FoundSample;
  readonly known: KnownSample | undefined;
  readonly pixels: Uint8Array;
}

export async function importIdx(source: IdxSource, task: ImportTask): Promise<void> {
  const { folder, sourceId, context, counts } = task;
  const known = readKnownSamples(folder.connection, sourceId);
  const broken = new Map<string, unknown>();
  for (const [index, part] of source.parts.entries()) {
    context.progress(`Reading ${part.images}`, null, counts.figures());
    try {
      const opened = await openPart(part);
      counts.found += opened.count;
      await importPart(opened, source, task, known, index / source.parts.length);
    } catch (cause) {
      if (!(cause instanceof AppError) || source.parts.length === 1) throw cause;
      broken.set(part.name, cause);
    }
  }
  if (broken.size === source.parts.length) throw [...broken.values()][0];
  finish(source, task, known, broken);
}

async function openPart(part: IdxSourcePart): Promise<OpenPart> {
  const { images, labels, count, rows, columns } = await readIdxPair(part.imagesPath, part.labelsPath);
  const times = await Promise.all(
    [part.imagesPath, part.labelsPath].map(async (path) => (await stat(path)).mtimeMs),
  );
  const modifiedMs = Math.round(Math.max(...times));
  const { name, split } = part;
  return { name, split, pixels: images.data, labels, count, width: columns, height: rows, modifiedMs };
}

/** What was seen is taken out of `known`: the rest has vanished. */
async function importPart(
  part: OpenPart,
  source: IdxSource,
  task: ImportTask,
  known: Map<string, KnownSample>,
  fractionBefore: number,
): Promise<void> {
  const { context, counts } = task;
  const classIds = classIdsByLabel(part, source, task);
  for (let from = 0; from < part.count; from += BATCH_SIZE) {
    throwIfCancelled(context.signal);
    const images: FoundImage[] = [];
    for (let index = from; index < Math.min(part.count, from + BATCH_SIZE); index++) {
      const path = `${part.name}/${String(index).padStart(6, '0')}`;
      images.push(findImage(part, index, path, known.get(path), classIds));
      known.delete(path);
    }
    await writeBatch(images, task);
    const within = (from + images.length) / part.count;
    context.progress('Importing images', fractionBefore + within / source.parts.length, counts.figures());
    // Lets a wish to cancel arrive.
    await setImmediate();
  }
}

function classIdsByLabel(part: OpenPart, source: IdxSource, task: ImportTask): ReadonlyMap<number, ClassId> {
  const values = [...new Set(part.labels)].sort((a, b) => a - b);
  const names = values.map((value) => idxClassName(source.path, value));
  const ids = task.classIds(names);
  return new Map(values.map((value, index) => [value, ids.get(names[index]!)!]));
}

function findImage(
  part: OpenPart,
  index: number,
  path: string,
  known: KnownSample | undefined,
  classIds: ReadonlyMap<number, ClassId>,
): FoundImage {
  const bytes = part.width * part.height;
  const pixels = part.pixels.subarray(index * bytes, (index + 1) * bytes);
  const isSame = known?.modifiedMs === part.modifiedMs && known.bytes === bytes;
  const found: FoundSample = {
    path,
    sha256: isSame ? known.sha256 : hash('sha256', pixels),
    bytes,
    modifiedMs: part.modifiedMs,
    format: 'idx',
    width: part.width,
    height: part.height,
    channels: 1,
    split: part.split,
    givenLabel: classIds.get(part.labels[index]!)!,
  };
  return { found, known, pixels };
}

async function writeBatch(
  images: readonly FoundImage[],
  { folder, sourceId, counts }: ImportTask,
): Promise<void> {
  const added = images.filter(({ known }) => known === undefined);
  const changed = images.flatMap(({ found, known, pixels }) =>
    known !== undefined && known.sha256 !== found.sha256 ? [{ id: known.id, found, pixels }] : [],
  );
  const same = images.flatMap(({ found, known }) =>
    known?.sha256 === found.sha256 ? [{ id: known.id, found, known }] : [],
  );
  const touched = same.filter(
    ({ found, known }) =>
      known.missing === 1 || known.modifiedMs !== found.modifiedMs || known.givenLabel !== found.givenLabel,
  );
  const { connection } = folder;
  // In this order for the reason given in import-folder.ts.
  const changedPictures = await Promise.all(
    changed.map(async ({ id, found, pixels }) => ({ id, pictures: await render(found, pixels) })),
  );
  const addedPictures = await Promise.all(added.map(({ found, pixels }) => render(found, pixels)));
  if (changed.length > 0) saveThumbnails(folder.thumbnails, changedPictures);
  const ids = transact(connection, () => {
    updateSamples(connection, changed);
    relocateSamples(connection, touched);
    return insertSamples(
      connection,
      sourceId,
      added.map(({ found }) => found),
    );
  });
  if (added.length > 0) {
    saveThumbnails(
      folder.thumbnails,
      ids.map((id, index) => ({ id, pictures: addedPictures[index]! })),
    );
  }
  counts.added += added.length;
  counts.changed += changed.length;
  counts.unchanged += same.length;
}

function render(found: FoundSample, pixels: Uint8Array): Promise<StoredThumbnail[]> {
  return renderGreyThumbnails(pixels, found.width, found.height);
}

/** Marks what is no longer there; a pair that could not be read leaves its samples as they were. */
function finish(
  source: IdxSource,
  { folder, sourceId, counts }: ImportTask,
  unseen: ReadonlyMap<string, KnownSample>,
  broken: ReadonlyMap<string, unknown>,
): void {
  const gone = [...unseen.values()].filter(({ path }) => !broken.has(path.slice(0, path.lastIndexOf('/'))));
  const problems = source.parts
    .filter(({ name }) => broken.has(name))
    .map(({ name, images, imagesPath }) => ({
      path: basename(imagesPath),
      reason: 'unreadable' as const,
      detail: `${images}: ${problemDetail(broken.get(name))}`,
      bytes: null,
    }));
  counts.vanished = gone.filter(({ missing }) => missing === 0).length;
  counts.problems += problems.length;
  const { connection } = folder;
  transact(connection, () => {
    markMissing(
      connection,
      gone.map(({ id }) => id),
    );
    saveProblems(connection, sourceId, problems);
    forgetOtherProblems(connection, sourceId, new Set(problems.map(({ path }) => path)));
  });
}
