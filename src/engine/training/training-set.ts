/** @file Which images a training run learns from, holds out and predicts, from the current labels. */
import { createHash } from 'node:crypto';
import { AppError } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import type { ClassId, SampleId, Split } from '../../contract/vocabulary.ts';
import type { PresentSample } from '../storage/labelled-samples.ts';

export interface TrainingSet {
  /** Every image that is there, by id. A "row" is a place in this list, and in the pixel cache. */
  readonly samples: readonly PresentSample[];
  /** Output index → class: the classes that occur among the training images. */
  readonly classIds: readonly ClassId[];
  /** Class index per row; −1: unlabelled, or of a class without training images. */
  readonly labels: Int32Array;
  /** All labelled rows of the train split that are not excluded: cross-validation covers these. */
  readonly candidateRows: Int32Array;
  /** The candidates that the model learns from. */
  readonly trainRows: Int32Array;
  /** The val split, or the candidates held out where there is none. */
  readonly validationRows: Int32Array;
  readonly testRows: Int32Array;
  /** Of (id, sha256, label, split) of every image, and whether it is excluded. */
  readonly dataHash: string;
}

export interface TrainingSetOptions {
  readonly validationShare: number;
  readonly seed: number;
  /** Learn exactly these images of the train split; all where not given. */
  readonly only?: ReadonlySet<SampleId>;
}

export function assembleTrainingSet(
  samples: readonly PresentSample[],
  classNames: ReadonlyMap<ClassId, string>,
  options: TrainingSetOptions,
): TrainingSet {
  const isIn = (sample: PresentSample, split: Split): boolean =>
    sample.split === split && sample.excluded === 0;
  const labelled = rowsWhere(samples, (sample) => isIn(sample, 'train') && sample.label !== null);
  const { only } = options;
  const candidates = labelled.filter((row) => only?.has(samples[row]!.id) ?? true);
  const classIds = requireClasses(samples, candidates, classNames);
  const indexOfClass = new Map(classIds.map((classId, index) => [classId, index]));
  const labels = Int32Array.from(samples, ({ label }) =>
    label === null ? -1 : (indexOfClass.get(label) ?? -1),
  );
  const validationSplit = rowsWhere(samples, (sample, row) => isIn(sample, 'val') && labels[row]! >= 0);
  // Of a subset every image is learned: others take the place of those that would be held out.
  const outside = labelled.filter((row) => labels[row]! >= 0 && only?.has(samples[row]!.id) === false);
  const drawnFrom = only === undefined ? candidates : outside;
  const heldOut =
    validationSplit.length > 0
      ? new Set<number>()
      : drawHeldOut(drawnFrom, labels, options.validationShare, options.seed);
  return {
    samples,
    classIds,
    labels,
    candidateRows: candidates,
    trainRows: candidates.filter((row) => !heldOut.has(row)),
    validationRows:
      validationSplit.length > 0 ? validationSplit : drawnFrom.filter((row) => heldOut.has(row)),
    testRows: rowsWhere(samples, (sample, row) => isIn(sample, 'test') && labels[row]! >= 0),
    dataHash: hashSamples(samples),
  };
}

/** Square input side for these images: the median of the longer sides, at most 64, a multiple of 4, at least 16. */
export function chooseImageSize(samples: readonly PresentSample[]): number {
  const sides = samples.map(({ width, height }) => Math.max(width, height)).sort((a, b) => a - b);
  const median = sides[Math.floor((sides.length - 1) / 2)] ?? 16;
  return Math.max(16, Math.round(Math.min(64, median) / 4) * 4);
}

/** 1 where every image is grey, else 3. */
export function chooseChannels(samples: readonly PresentSample[]): 1 | 3 {
  return samples.every((sample) => sample.channels === 1) ? 1 : 3;
}

/** A fold per row, such that every class is spread evenly over the folds. */
export function assignFolds(
  rows: Int32Array,
  labels: Int32Array,
  foldCount: number,
  seed: number,
): Int32Array {
  const folds = new Int32Array(rows.length);
  // The next class goes on where the last one ended, so that the folds are of equal size as well.
  let next = 0;
  for (const [label, places] of placesByLabel(rows, labels)) {
    new Random(seed, `folds/${label}`).shuffle(places);
    for (const place of places) folds[place] = next++ % foldCount;
  }
  return folds;
}

export function hashSamples(samples: readonly PresentSample[]): string {
  const hash = createHash('sha256');
  for (const { id, sha256, label, split, excluded } of samples)
    hash.update(`${id} ${sha256} ${label ?? ''} ${split}${excluded === 1 ? ' excluded' : ''}\n`);
  return hash.digest('hex');
}

function requireClasses(
  samples: readonly PresentSample[],
  candidates: Int32Array,
  classNames: ReadonlyMap<ClassId, string>,
): ClassId[] {
  if (candidates.length === 0)
    throw new AppError('labels-missing', { reason: 'no image of the train split has a label' });
  const counts = new Map<ClassId, number>();
  for (const row of candidates) {
    const label = samples[row]!.label!;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  if (counts.size < 2)
    throw new AppError('labels-missing', { reason: 'all training images have the same label' });
  for (const [classId, count] of counts) {
    const name = classNames.get(classId) ?? String(classId);
    if (count < 2)
      throw new AppError('labels-missing', {
        reason: `the class ${name} has one training image; a class needs two, or none`,
      });
  }
  return [...counts.keys()].sort((a, b) => a - b);
}

/** The same share of every class, and never a whole class. */
function drawHeldOut(rows: Int32Array, labels: Int32Array, share: number, seed: number): Set<number> {
  const heldOut = new Set<number>();
  for (const [label, places] of placesByLabel(rows, labels)) {
    const count = Math.min(places.length - 1, Math.round(share * places.length));
    const drawn = new Random(seed, `held-out/${label}`).shuffle(places).slice(0, count);
    for (const place of drawn) heldOut.add(rows[place]!);
  }
  return heldOut;
}

/** Places in `rows` by class index, classes in rising order. */
function placesByLabel(rows: Int32Array, labels: Int32Array): [number, number[]][] {
  const places = new Map<number, number[]>();
  for (const [place, row] of rows.entries()) {
    const label = labels[row]!;
    const list = places.get(label);
    if (list === undefined) places.set(label, [place]);
    else list.push(place);
  }
  return [...places].sort(([a], [b]) => a - b);
}

function rowsWhere(
  samples: readonly PresentSample[],
  holds: (sample: PresentSample, row: number) => boolean,
): Int32Array {
  const rows: number[] = [];
  for (const [row, sample] of samples.entries()) if (holds(sample, row)) rows.push(row);
  return Int32Array.from(rows);
}
