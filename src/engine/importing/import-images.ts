/**
 * @file Imports the images of a source. They are read side by side, written in batches; every batch is whole in the database or
 * not there at all, so an import that stops half way is continued by importing again.
 */
import { availableParallelism } from 'node:os';
import type { SampleId, ClassId } from '../../contract/vocabulary.ts';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { mapConcurrently } from '../images/map-concurrently.ts';
import { openImageStore, type ImageStore } from '../sources/image-store.ts';
import { transact } from '../storage/connection.ts';
import {
  forgetOtherProblems,
  insertSamples,
  markMissing,
  readKnownSamples,
  relocateSamples,
  saveProblems,
  updateSamples,
  type FoundProblem,
  type FoundSample,
  type KnownSample,
  type Whereabouts,
} from '../storage/imports.ts';
import { saveColumnCells } from '../storage/columns.ts';
import { saveThumbnails, type StoredThumbnail } from '../storage/thumbnails.ts';
import { examineImage } from './examine-image.ts';
import type { ImportTask } from './import-task.ts';
import type { Source } from './open-source.ts';
import type { ListedImage } from './source-look.ts';
import { VanishedSamples } from './vanished-samples.ts';

/** Lost at most when the process dies, and the size of a transaction. */
const BATCH_SIZE = 256;
const CELL_BATCH_SIZE = 5000;
/** One file's reading covers another's decoding. */
const CONCURRENCY = 2 * availableParallelism();

/** What a look at one image came to. */
type Outcome =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'relocated' | 'moved'; readonly id: SampleId; readonly found: Whereabouts }
  | {
      readonly kind: 'decoded';
      /** null: new. */
      readonly id: SampleId | null;
      readonly found: FoundSample;
      readonly pictures: readonly StoredThumbnail[];
    }
  | { readonly kind: 'problem'; readonly id: SampleId | null; readonly problem: FoundProblem };

export async function importImages(source: Source, task: ImportTask): Promise<void> {
  const { folder, sourceId, context, counts } = task;
  const classIds = task.classIds(source.images.flatMap(({ label }) => (label === null ? [] : [label])));
  const known = readKnownSamples(folder.connection, sourceId);
  const store = await openImageStore(source.kind, source.root, context.signal);
  const vanished = new VanishedSamples(known, source);
  const problemPaths = new Set<string>();
  counts.found = source.images.length;
  noteProblems(source, task, problemPaths);
  for (let from = 0; from < source.images.length; from += BATCH_SIZE) {
    throwIfCancelled(context.signal);
    const batch = source.images.slice(from, from + BATCH_SIZE);
    const outcomes = await mapConcurrently(
      batch,
      CONCURRENCY,
      (image) => lookAt(store, image, known.get(image.path), classIds),
      context.signal,
    );
    writeBatch(
      task,
      outcomes.map((outcome) => recogniseMove(outcome, vanished)),
      problemPaths,
    );
    context.progress('Importing images', counts.done / source.images.length, counts.figures());
  }
  saveCells(source, task);
  const gone = vanished.remaining();
  counts.vanished = gone.filter(({ missing }) => missing === 0).length;
  transact(folder.connection, () => {
    markMissing(
      folder.connection,
      gone.map(({ id }) => id),
    );
    forgetOtherProblems(folder.connection, sourceId, problemPaths);
  });
}

/** After the images, which they are about. */
function saveCells({ images }: Source, { folder, sourceId, context }: ImportTask): void {
  const described = images.flatMap(({ path, cells }) => (cells === undefined ? [] : [{ path, cells }]));
  for (let from = 0; from < described.length; from += CELL_BATCH_SIZE) {
    throwIfCancelled(context.signal);
    saveColumnCells(folder.connection, sourceId, described.slice(from, from + CELL_BATCH_SIZE));
  }
}

async function lookAt(
  store: ImageStore,
  image: ListedImage,
  known: KnownSample | undefined,
  classIds: ReadonlyMap<string, ClassId>,
): Promise<Outcome> {
  const place = { split: image.split, givenLabel: classIds.get(image.label ?? '') ?? null };
  const examined = await examineImage(store, image.path, known);
  const { path } = image;
  if (examined.kind === 'problem') {
    const { reason, detail, bytes } = examined;
    return { kind: 'problem', id: known?.id ?? null, problem: { path, reason, detail, bytes } };
  }
  if (examined.kind === 'same') {
    // The content is known to be what it was, so `known` is there.
    const { bytes, modifiedMs } = examined;
    const found = { path, bytes, modifiedMs, ...place };
    return isAsKnown(found, known!) ? { kind: 'unchanged' } : { kind: 'relocated', id: known!.id, found };
  }
  const { facts, pictures } = examined;
  return { kind: 'decoded', id: known?.id ?? null, found: { path, ...facts, ...place }, pictures };
}

function isAsKnown(found: Whereabouts, known: KnownSample): boolean {
  return (
    known.missing === 0 &&
    found.modifiedMs === known.modifiedMs &&
    found.split === known.split &&
    found.givenLabel === known.givenLabel
  );
}

/** A new path with the content of an image that vanished is that image, with its decisions, in another place. */
function recogniseMove(outcome: Outcome, vanished: VanishedSamples): Outcome {
  if (outcome.kind !== 'decoded' || outcome.id !== null) return outcome;
  const before = vanished.take(outcome.found);
  return before === null ? outcome : { kind: 'moved', id: before.id, found: outcome.found };
}

function writeBatch(task: ImportTask, outcomes: readonly Outcome[], problemPaths: Set<string>): void {
  const { folder, sourceId, counts } = task;
  const ofKind = <Kind extends Outcome['kind']>(kind: Kind): Extract<Outcome, { kind: Kind }>[] =>
    outcomes.filter((outcome) => outcome.kind === kind) as Extract<Outcome, { kind: Kind }>[];
  const decoded = ofKind('decoded');
  const added = decoded.filter(({ id }) => id === null);
  const changed = decoded.flatMap(({ id, found, pictures }) =>
    id === null ? [] : [{ id, found, pictures }],
  );
  const moved = ofKind('moved');
  const relocated = ofKind('relocated');
  const problems = ofKind('problem');
  // Pictures of changed images first: were they lost after the rows are written, nothing would notice.
  if (changed.length > 0) saveThumbnails(folder.thumbnails, changed);
  const { connection } = folder;
  const ids = transact(connection, () => {
    updateSamples(connection, changed);
    relocateSamples(connection, [...moved, ...relocated]);
    saveProblems(
      connection,
      sourceId,
      problems.map(({ problem }) => problem),
    );
    markMissing(
      connection,
      problems.flatMap(({ id }) => (id === null ? [] : [id])),
    );
    return insertSamples(
      connection,
      sourceId,
      added.map(({ found }) => found),
    );
  });
  if (added.length > 0) {
    saveThumbnails(
      folder.thumbnails,
      ids.map((id, index) => ({ id, pictures: added[index]!.pictures })),
    );
  }
  for (const { problem } of problems) problemPaths.add(problem.path);
  counts.added += added.length;
  counts.changed += changed.length;
  counts.moved += moved.length;
  counts.unchanged += ofKind('unchanged').length + relocated.length;
  counts.problems += problems.length;
}

/** What was wrong before the first image was read. They are not counted as images. */
function noteProblems(source: Source, task: ImportTask, problemPaths: Set<string>): void {
  saveProblems(task.folder.connection, task.sourceId, source.problems);
  for (const { path } of source.problems) problemPaths.add(path);
  task.counts.otherProblems = source.problems.length;
}
