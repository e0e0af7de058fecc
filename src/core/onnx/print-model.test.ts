import { describe, expect, it } from 'vitest';
import { onnxModel, onnxNode } from '../../../testing/onnx-models.ts';
import { tensorOf } from '../tensor/tensor.ts';
import { floatAttribute, intsAttribute, stringAttribute, type OnnxGraph, type OnnxModel } from './model.ts';
import { printModel } from './print-model.ts';

const body: OnnxGraph = {
  graphName: 'then',
  inputs: new Map(),
  outputs: new Map([['t', { dtype: 'float32', shape: ['batch'] }]]),
  initializers: new Map(),
  nodes: [onnxNode('Abs', ['h'], ['t'])],
};

const model: OnnxModel = {
  ...onnxModel({
    inputs: new Map([
      ['images', { dtype: 'float32', shape: ['batch', 3, null, 8] }],
      ['flag', { dtype: 'bool', shape: null }],
    ]),
    initializers: { weight: tensorOf('float16', [1, 3, 2, 2], new Array<number>(12).fill(0)) },
    nodes: [
      onnxNode('Conv', ['images', 'weight'], ['h'], {
        pads: intsAttribute([1, 1, 1, 1]),
        auto_pad: stringAttribute('NOTSET'),
      }),
      onnxNode('If', ['flag'], ['y'], { then_branch: { kind: 'graph', value: body } }),
      onnxNode('local.Scale', ['y', ''], ['z'], {
        by: { kind: 'tensor', value: tensorOf('int64', [2], [1, 2]) },
      }),
    ],
    outputs: ['z'],
  }),
  statedTypes: new Map([['h', { dtype: 'float32', shape: ['batch', 1, 8, 8] }]]),
  functions: [
    {
      domain: 'local',
      name: 'Scale',
      inputs: ['a', 'b'],
      outputs: ['c'],
      attributes: ['by'],
      attributeDefaults: new Map([['alpha', floatAttribute(Math.fround(0.1))]]),
      opsets: new Map(),
      nodes: [onnxNode('LeakyRelu', ['a'], ['c'], { alpha: { kind: 'reference', value: 'alpha' } })],
    },
  ],
};

describe('a printed model', () => {
  it('has every value, node, body and function in a line of its own', () => {
    expect(printModel(model)).toBe(`model “test” by “test”, IR version 8
operator set ai.onnx 17
operator set com.microsoft 1
inputs
  images: float32[batch, 3, ?, 8]
  flag: bool[…]
outputs
  z
initializers
  weight: float16[1, 3, 2, 2]
nodes
  h: float32[batch, 1, 8, 8] = Conv(images, weight) {pads: [1, 1, 1, 1], auto_pad: “NOTSET”}
  y = If(flag)
    then_branch: graph “then”
      outputs
        t: float32[batch]
      nodes
        t: float32[batch] = Abs(h)
  z = local.Scale(y, ) {by: int64[2] = [1, 2]}
function local.Scale(a, b; by, alpha = 0.1) → c
  c = LeakyRelu(a) {alpha: @alpha}`);
  });

  it('counts what a limit leaves out', () => {
    const text = printModel(model, { limit: 1 });
    expect(text).toContain('  … 2 more nodes');
    expect(text).not.toContain('If(flag)');
  });

  it('shows no control character of a name', () => {
    const hostile = onnxModel({ nodes: [onnxNode('Relu', ['\u001b[2J'], ['a\nb'])], outputs: ['a\nb'] });
    expect(printModel(hostile)).toContain('a\\u{a}b = Relu(\\u{1b}[2J)');
  });
});
