import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { ClassId, SampleId, Split } from '../../contract/vocabulary.ts';
import type { PresentSample } from '../storage/labelled-samples.ts';
import {
  assembleTrainingSet,
  assignFolds,
  chooseChannels,
  chooseImageSize,
  hashSamples,
} from './training-set.ts';

const names = new Map([
  [1 as ClassId, 'cat'],
  [2 as ClassId, 'dog'],
]);

function sample(
  id: number,
  label: number | null,
  split: Split = 'train',
  more: Partial<PresentSample> = {},
): PresentSample {
  return {
    id: id as SampleId,
    sha256: `sha ${id}`,
    split,
    label: label as ClassId | null,
    width: 28,
    height: 28,
    channels: 1,
    excluded: 0,
    ...more,
  };
}

const settings = { validationShare: 0.25, seed: 1 };
const eightEach = Array.from({ length: 16 }, (_, index) => sample(index + 1, 1 + (index % 2)));

describe('assembleTrainingSet', () => {
  it('holds the same share of every class out where there is no val split, and nothing twice', () => {
    const set = assembleTrainingSet(eightEach, names, settings);
    expect([...set.validationRows].map((row) => set.labels[row]).sort()).toEqual([0, 0, 1, 1]);
    expect([...set.trainRows, ...set.validationRows].sort((a, b) => a - b)).toEqual([...set.candidateRows]);
  });

  it('learns every image of a subset, and draws what it holds out from outside', () => {
    const only = new Set([1, 2, 3, 4, 7, 8].map((id) => id as SampleId));
    const set = assembleTrainingSet(eightEach, names, { ...settings, only });
    const idsOf = (rows: Int32Array): number[] => [...rows].map((row) => set.samples[row]!.id);
    expect(idsOf(set.trainRows)).toEqual([...only]);
    expect(idsOf(set.candidateRows)).toEqual([...only]);
    expect(set.validationRows.length).toBeGreaterThan(0);
    expect(idsOf(set.validationRows).filter((id) => only.has(id as SampleId))).toEqual([]);
  });

  it('takes the val split for validation where there is one', () => {
    const set = assembleTrainingSet(
      [...eightEach, sample(17, 1, 'val'), sample(18, 2, 'test')],
      names,
      settings,
    );
    expect([...set.validationRows]).toEqual([16]);
    expect([...set.testRows]).toEqual([17]);
    expect(set.trainRows.length).toBe(16);
  });

  it('leaves unlabelled images and classes without training images out of training, not out of the list', () => {
    const set = assembleTrainingSet([...eightEach, sample(17, null), sample(18, 9, 'test')], names, settings);
    expect(set.classIds).toEqual([1, 2]);
    expect([...set.labels.subarray(16)]).toEqual([-1, -1]);
    expect(set.candidateRows.length).toBe(16);
    expect(set.samples.length).toBe(18);
  });

  it('says what is missing', () => {
    const of = (samples: PresentSample[]) => () => assembleTrainingSet(samples, names, settings);
    expect(of([sample(1, 1, 'test')])).toThrow(/no image of the train split/);
    expect(of([sample(1, 1), sample(2, 1)])).toThrow(/same label/);
    expect(of([sample(1, 1), sample(2, 1), sample(3, 2)])).toThrow(/class dog has one training image/);
  });

  it('hashes labels, so that another label is another data set', () => {
    const other = eightEach.map((each, index) => (index === 3 ? sample(4, 1) : each));
    expect(hashSamples(other)).not.toBe(hashSamples(eightEach));
  });
});

describe('assignFolds', () => {
  it('spreads every class and the whole evenly over the folds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 2, max: 7 }),
        (labels, foldCount) => {
          const rows = Int32Array.from(labels, (_, row) => row);
          const folds = assignFolds(rows, Int32Array.from(labels), foldCount, 5);
          const spread = (wanted: (label: number) => boolean): number => {
            const counts = new Array<number>(foldCount).fill(0);
            folds.forEach((fold, place) => {
              if (wanted(labels[place]!)) counts[fold]!++;
            });
            return Math.max(...counts) - Math.min(...counts);
          };
          expect(spread(() => true)).toBeLessThanOrEqual(1);
          for (const label of new Set(labels))
            expect(spread((each) => each === label)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('the network input', () => {
  it('has the side of the median image: a multiple of four from 16 to 64', () => {
    const sized = (...sides: number[]): PresentSample[] =>
      sides.map((side, index) => sample(index + 1, 1, 'train', { width: side, height: 5 }));
    expect(chooseImageSize(sized(28, 28, 28))).toBe(28);
    expect(chooseImageSize(sized(30, 31, 900))).toBe(32);
    expect(chooseImageSize(sized(8))).toBe(16);
    expect(chooseImageSize(sized(500, 600))).toBe(64);
  });

  it('is grey only where every image is', () => {
    expect(chooseChannels([sample(1, 1), sample(2, 1)])).toBe(1);
    expect(chooseChannels([sample(1, 1), sample(2, 1, 'train', { channels: 4 })])).toBe(3);
  });
});
