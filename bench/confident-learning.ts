/**
 * @file Confident learning against published figures: out-of-sample probabilities of the 10,000 MNIST test images and the
 * 100 candidate label errors found in them (Northcutt, Athalye, Mueller, "Pervasive label errors in test sets", 2021).
 */
import { normalizedMargin, type LabelledProbabilities } from '../src/core/curation/class-probabilities.ts';
import { confidentJoint, estimateNoise, flagByNoiseRate } from '../src/core/curation/confident-joint.ts';
import { ascendingOrder } from '../src/core/linalg/ranks.ts';
import type { Bench, BenchResult } from './bench.ts';
import { archiveMissing, fileOf, readArchive, type ArchiveFiles } from './data/reference-archive.ts';

const archiveName = 'confident-learning-mnist.tgz';
const classCount = 10;
const candidateCount = 100;

export const run: Bench = () => {
  const missing = archiveMissing(archiveName);
  // Nothing was measured then, so the goal stands and is not met.
  if (missing !== null)
    return Promise.resolve({ figures: {}, goals: { candidatesFound: candidateCount }, table: [[missing]] });
  return Promise.resolve(compare(readArchive(archiveName)));
};

function compare(files: ArchiveFiles): BenchResult {
  const labels = Uint8Array.from(fileOf(files, 'mnist_labels_u8.bin'));
  const bytes = Uint8Array.from(fileOf(files, 'mnist_pyx_f32.bin'));
  const probabilities = new Float32Array(bytes.buffer);
  const expected = JSON.parse(fileOf(files, 'mnist_expected.json').toString()) as {
    ranked_candidates: number[];
  };
  const candidates = expected.ranked_candidates;
  const input: LabelledProbabilities = { labels, probabilities, classCount };

  const order = ascendingOrder(normalizedMargin(input)).subarray(0, candidates.length);
  const published = new Set(candidates);
  const found = order.filter((sample) => published.has(sample)).length;
  const inPlace = order.filter((sample, rank) => candidates[rank] === sample).length;
  const joint = confidentJoint(input);
  const flagged = flagByNoiseRate(input, joint);
  const flaggedCount = flagged.reduce((sum, flag) => sum + flag, 0);
  const flaggedCandidates = candidates.filter((sample) => flagged[sample] === 1).length;
  const noiseShare = estimateNoise(joint).share;
  return {
    figures: {
      candidatesFound: found,
      candidatesInPlace: inPlace,
      flagged: flaggedCount,
      flaggedCandidates,
      noiseShare,
    },
    goals: { candidatesFound: candidateCount },
    table: [
      ['', 'here', 'published'],
      ['candidates among the lowest margins', String(found), String(candidates.length)],
      ['of these at the published rank', String(inPlace), String(candidates.length)],
      ['flagged by noise rate', String(flaggedCount), ''],
      ['candidates among the flagged', String(flaggedCandidates), String(candidates.length)],
      ['estimated share of wrong labels', `${(noiseShare * 100).toFixed(2)} %`, ''],
    ],
  };
}
