import { describe, expect, it } from 'vitest';
import { fuzzSeeds } from '../../../testing/fuzz-seeds.ts';
import { AppError } from '../base/app-error.ts';
import { Random } from '../base/random.ts';
import type { ReadExternal } from './external-data.ts';
import { inlineFunctions } from './inline-functions.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel } from './model.ts';
import { printModel } from './print-model.ts';
import { pruneModel } from './prune-model.ts';
import { readModel } from './read-model.ts';

const FILES_PER_SEED = 1600;
/** A file of a kilobyte takes well under a millisecond; this is for a machine that does other things too. */
const MOST_MILLISECONDS = 2000;
/** One byte of the file is at most one int64 (as a varint) or half of a widened uint32. */
const MOST_BYTES_PER_BYTE = 8;
const MOST_EXTERNAL_BYTES = 1 << 16;

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const mutations: readonly Mutation[] = [
  flipBits,
  cutOff,
  editLength,
  spliceWithin,
  spliceFromOther,
  overwriteWithOnes,
];

function flipBits(bytes: Uint8Array, random: Random): Uint8Array {
  const flipped = bytes.slice();
  for (let count = 1 + random.integer(4); count > 0; count--) {
    const place = random.integer(bytes.length);
    flipped[place] = flipped[place]! ^ (1 << random.integer(8));
  }
  return flipped;
}

function cutOff(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random.integer(bytes.length));
}

/** A byte that may be a length becomes a long varint: up to 2^63. */
function editLength(bytes: Uint8Array, random: Random): Uint8Array {
  const place = random.integer(bytes.length);
  const varint = new Uint8Array(1 + random.integer(9)).fill(0xff);
  varint[varint.length - 1] = random.integer(128);
  return joined(bytes.subarray(0, place), varint, bytes.subarray(place + 1));
}

function spliceWithin(bytes: Uint8Array, random: Random): Uint8Array {
  const place = random.integer(bytes.length);
  return joined(bytes.subarray(0, place), pieceOf(bytes, random), bytes.subarray(place));
}

function spliceFromOther(bytes: Uint8Array, random: Random): Uint8Array {
  const other = fuzzSeeds[random.integer(fuzzSeeds.length)]!.bytes;
  const place = random.integer(bytes.length);
  return joined(bytes.subarray(0, place), pieceOf(other, random), bytes.subarray(place));
}

function overwriteWithOnes(bytes: Uint8Array, random: Random): Uint8Array {
  const place = random.integer(bytes.length);
  return bytes.slice().fill(0xff, place, place + 1 + random.integer(12));
}

function pieceOf(bytes: Uint8Array, random: Random): Uint8Array {
  const place = random.integer(bytes.length);
  return bytes.subarray(place, place + random.integer(64));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

let externalBytes = 0;

/** Stands for the engine's reader, which knows how long the files are. */
const readExternal: ReadExternal = ({ location, length }, name) => {
  if (length > MOST_EXTERNAL_BYTES) {
    throw new AppError('model-external-data', { name, location, reason: 'it is shorter' });
  }
  externalBytes += length;
  return new Uint8Array(length);
};

/** All that happens to a file before anything is computed. Answers the model, or the code it was refused with. */
function readAll(bytes: Uint8Array): OnnxModel | string {
  try {
    const model = readModel(bytes, readExternal);
    printModel(model);
    inlineFunctions(model);
    pruneModel(model, model.outputs.keys());
    return model;
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('model-')) return error.code;
    throw error;
  }
}

function bytesOfGraph({ initializers, nodes }: OnnxGraph): number {
  const ofNodes = nodes.flatMap(({ attributes }) => [...attributes.values()]).map(bytesOfAttribute);
  return sum([...[...initializers.values()].map(({ data }) => data.byteLength), ...ofNodes]);
}

function bytesOfAttribute(attribute: OnnxAttribute): number {
  if (attribute.kind === 'graph') return bytesOfGraph(attribute.value);
  if (attribute.kind === 'graphs') return sum(attribute.value.map(bytesOfGraph));
  if (attribute.kind === 'tensor') return attribute.value.data.byteLength;
  return attribute.kind === 'tensors' ? sum(attribute.value.map(({ data }) => data.byteLength)) : 0;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe('damaged model files', () => {
  it.each(fuzzSeeds)('made of $name are read or refused, quickly and without waste', ({ name, bytes }) => {
    const random = new Random(1, name);
    const outcomes = new Map<string, number>();
    expect(readAll(bytes)).toBeTypeOf('object');
    for (let count = 0; count < FILES_PER_SEED; count++) {
      let damaged = bytes;
      for (let times = 1 + random.integer(3); times > 0 && damaged.length > 0; times--) {
        damaged = mutations[random.integer(mutations.length)]!(damaged, random);
      }
      externalBytes = 0;
      const start = performance.now();
      const outcome = readAll(damaged);
      expect(performance.now() - start).toBeLessThan(MOST_MILLISECONDS);
      const kind = typeof outcome === 'string' ? outcome : 'read';
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
      if (typeof outcome === 'string') continue;
      const most = MOST_BYTES_PER_BYTE * damaged.length + 2 * externalBytes;
      expect(bytesOfGraph(outcome)).toBeLessThanOrEqual(most);
    }
    // Damage that never shows, or always does, would test one side only.
    expect(outcomes.get('read')).toBeGreaterThan(FILES_PER_SEED / 50);
    expect(outcomes.get('model-invalid')).toBeGreaterThan(FILES_PER_SEED / 50);
  });

  it('are refused where a field claims what no file holds', () => {
    const claims = [
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0x3a, 0x80],
      [0x3b],
    ];
    for (const claim of claims) expect(readAll(Uint8Array.from(claim))).toBe('model-invalid');
  });
});
