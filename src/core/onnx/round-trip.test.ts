import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../base/app-error.ts';
import { elementCount, tensorOf, type DType, type Tensor, type TensorType } from '../tensor/tensor.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from './model.ts';
import { readModel } from './read-model.ts';
import { elementTypeCodes } from './schema.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { writeModel } from './write-model.ts';

const dtype = fc.constantFrom(...(Object.keys(elementTypeCodes) as DType[]));
const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const type: fc.Arbitrary<TensorType> = fc.record({ dtype, shape });
const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(dtype, shape, fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 256, maxLength: 256 }))
  .map(([own, extents, numbers]) => tensorOf(own, extents, numbers.slice(0, elementCount(extents))));

const attribute: fc.Arbitrary<OnnxAttribute> = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant('float' as const), value: fc.float({ noNaN: true }) }),
  fc.record({ kind: fc.constant('string' as const), value: fc.string({ unit: 'grapheme' }) }),
  fc.record({ kind: fc.constant('ints' as const), value: fc.array(fc.maxSafeInteger()) }),
  fc.record({ kind: fc.constant('floats' as const), value: fc.array(fc.float({ noNaN: true })) }),
  fc.record({ kind: fc.constant('tensor' as const), value: tensor }),
);

const named = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<ReadonlyMap<string, Value>> =>
  fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => new Map(entries));

const node: fc.Arbitrary<OnnxNode> = fc.record({
  opType: name,
  domain: fc.constantFrom('', 'com.microsoft'),
  name,
  inputs: fc.array(fc.oneof(name, fc.constant('')), { maxLength: 4 }),
  outputs: fc.array(name, { maxLength: 3 }),
  attributes: named(attribute),
});

const model: fc.Arbitrary<OnnxModel> = fc.record({
  producer: name,
  irVersion: fc.integer({ min: 1, max: 20 }),
  opsets: fc.constant(new Map([['', 20]])),
  graphName: name,
  inputs: named(type),
  outputs: named(type),
  initializers: named(tensor),
  nodes: fc.array(node, { maxLength: 5 }),
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
});
