import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../base/app-error.ts';
import { elementCount, tensorOf, type DType, type Tensor } from '../tensor/tensor.ts';
import type {
  Dimension,
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxValueType,
} from './model.ts';
import { readModel } from './read-model.ts';
import { elementTypeCodes } from './schema.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { writeModel } from './write-model.ts';

const dtype = fc.constantFrom(...(Object.keys(elementTypeCodes) as DType[]));
const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const dimension: fc.Arbitrary<Dimension> = fc.oneof(fc.nat(), name, fc.constant(null));
const type: fc.Arbitrary<OnnxValueType> = fc.record({
  dtype,
  shape: fc.option(fc.array(dimension, { maxLength: 4 }), { freq: 5 }),
});
const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(dtype, shape, fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 256, maxLength: 256 }))
  .map(([own, extents, numbers]) => tensorOf(own, extents, numbers.slice(0, elementCount(extents))));

const plainAttribute: fc.Arbitrary<OnnxAttribute> = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant('float' as const), value: fc.float({ noNaN: true }) }),
  fc.record({ kind: fc.constant('string' as const), value: fc.string({ unit: 'grapheme' }) }),
  fc.record({ kind: fc.constant('tensor' as const), value: tensor }),
  fc.record({ kind: fc.constant('ints' as const), value: fc.array(fc.maxSafeInteger()) }),
  fc.record({ kind: fc.constant('floats' as const), value: fc.array(fc.float({ noNaN: true })) }),
  fc.record({ kind: fc.constant('strings' as const), value: fc.array(name) }),
  fc.record({ kind: fc.constant('tensors' as const), value: fc.array(tensor, { maxLength: 2 }) }),
  fc.record({ kind: fc.constant('reference' as const), value: name }),
);

const named = <Value>(value: fc.Arbitrary<Value>, prefix = ''): fc.Arbitrary<ReadonlyMap<string, Value>> =>
  fc
    .array(fc.tuple(name, value), { maxLength: 4 })
    .map((entries) => new Map(entries.map(([one, its]) => [prefix + one, its])));

const nodeWith = (attribute: fc.Arbitrary<OnnxAttribute>): fc.Arbitrary<OnnxNode> =>
  fc.record({
    opType: name,
    domain: fc.constantFrom('', 'com.microsoft'),
    name,
    inputs: fc.array(fc.oneof(name, fc.constant('')), { maxLength: 4 }),
    outputs: fc.array(name, { maxLength: 3 }),
    attributes: named(attribute),
  });

/** Inputs bear other names than initializers: an input that has one is a constant, and is not read as an input. */
const graphOf = (node: fc.Arbitrary<OnnxNode>) => ({
  statedTypes: named(type).filter((types) => types.size > 0),
  graphName: name,
  outputs: named(fc.option(type, { freq: 5 })),
  initializers: named(tensor, 'constant '),
  nodes: fc.array(node, { maxLength: 4 }),
});

const body: fc.Arbitrary<OnnxGraph> = fc.record({
  ...graphOf(nodeWith(plainAttribute)),
  inputs: named(fc.option(type, { freq: 5 }), 'input '),
});
const node = nodeWith(
  fc.oneof(
    { weight: 4, arbitrary: plainAttribute },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('graph' as const), value: body }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('graphs' as const), value: fc.array(body, { maxLength: 2 }) }),
    },
  ),
);

const localFunction: fc.Arbitrary<OnnxFunction> = fc.record({
  domain: fc.constantFrom('', 'local'),
  name,
  inputs: fc.array(name, { maxLength: 3 }),
  outputs: fc.array(name, { maxLength: 3 }),
  attributes: fc.array(name, { maxLength: 3 }),
  attributeDefaults: named(plainAttribute),
  opsets: fc.constant(new Map([['', 20]])),
  nodes: fc.array(node, { maxLength: 2 }),
});

const model: fc.Arbitrary<OnnxModel> = fc.record({
  ...graphOf(node),
  producer: name,
  irVersion: fc.integer({ min: 1, max: 20 }),
  opsets: fc.constant(new Map([['', 20]])),
  inputs: named(type, 'input '),
  functions: fc.array(localFunction, { maxLength: 2 }),
});

describe('ONNX models', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(model, (one) => {
        expect(readModel(writeModel(one))).toEqual(one);
      }),
    );
  });

  it('are refused with a reason where the file ends early', () => {
    const whole = writeModel({
      producer: 'test',
      irVersion: 9,
      opsets: new Map([['', 20]]),
      functions: [],
      graphName: 'graph',
      inputs: new Map([['x', { dtype: 'float32', shape: [2] }]]),
      outputs: new Map(),
      initializers: new Map([['w', tensorOf('float32', [3], [1, 2, 3])]]),
      nodes: [],
    });
    // Cut inside the graph, which is the second-last field.
    const cut = whole.subarray(0, whole.length - 12);
    expect(() => readModel(cut)).toThrow(AppError);
    expect(() => readModel(new Uint8Array(0))).toThrow('no graph');
  });
});

describe('UTF-8', () => {
  it('agrees with the platform both ways', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const bytes = encodeUtf8(text);
        expect(bytes).toEqual(new Uint8Array(Buffer.from(text, 'utf8')));
        expect(decodeUtf8(bytes)).toBe(text);
      }),
    );
  });

  it('reads any bytes, and replaces what is no character', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeUtf8(bytes)));
    const broken = [0x61, 0xff, 0xc3, 0x62, 0xed, 0xa0, 0x80, 0xc0, 0x80, 0xf0, 0x9f];
    expect(decodeUtf8(Uint8Array.from(broken))).toBe('a\ufffd\ufffdb\ufffd\ufffd\ufffd');
  });
});
