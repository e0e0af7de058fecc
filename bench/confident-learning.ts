/**
 * @file Confident learning against published figures: out-of-sample probabilities of the 10,000 MNIST test images and the
 * 100 candidate label errors found in them (Northcutt, Athalye, Mueller, "Pervasive label errors in test sets", 2021).
 * The data is not part of the repository: the folder is given by WHENCE_REFERENCE_DATA, else looked for beside it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { normalizedMargin, type LabelledProbabilities } from '../src/core/curation/class-probabilities.ts';
import { confidentJoint, estimateNoise, flagByNoiseRate } from '../src/core/curation/confident-joint.ts';
import { present } from '../src/core/base/assert.ts';
import { ascendingOrder } from '../src/core/linalg/ranks.ts';
import type { Bench, BenchResult } from './bench.ts';

const archiveName = 'confident-learning-mnist.tgz';
const classCount = 10;
const candidateCount = 100;

export const run: Bench = () => {
  const folder = process.env['WHENCE_REFERENCE_DATA'] ?? resolve('..', 'shared', 'data', 'reference');
  const path = join(folder, archiveName);
  if (!existsSync(path)) {
    const table = [
      [`${archiveName} is not in ${folder}; set WHENCE_REFERENCE_DATA to the folder that holds it.`],
    ];
    // Nothing was measured, so the goal stands and is not met.
    return Promise.resolve({ figures: {}, goals: { candidatesFound: candidateCount }, table });
  }
  return Promise.resolve(compare(readArchive(readFileSync(path))));
};

function compare(files: ReadonlyMap<string, Buffer>): BenchResult {
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

function fileOf(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  return present(files.get(name), `${name} of ${archiveName}`);
}

/** The files of a gzipped tar by their last name: 512-byte headers (name at 0, octal size at 124), data in whole blocks. */
function readArchive(archive: Buffer): ReadonlyMap<string, Buffer> {
  const tar = gunzipSync(archive);
  const files = new Map<string, Buffer>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    files.set(name.replace(/^.*\//, ''), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
