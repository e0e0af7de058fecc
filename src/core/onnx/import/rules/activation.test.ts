import { describe, expect, it } from 'vitest';
import { fed, importNode, known, runNode } from '../../../../../testing/onnx-models.ts';
import { gradients } from '../../../compiler/differentiate.ts';
import { interpret } from '../../../execution/reference-interpreter.ts';
import { constant } from '../../../ops/build.ts';
import { floatAttribute, intAttribute, stringAttribute, type OnnxAttribute } from '../../model.ts';

const points = [-4, -2, -0.5, 0, 0.5, 2, 4];
const x = fed([points.length], points);

const sigmoid = (one: number) => 1 / (1 + Math.exp(-one));
const softplus = (one: number) => Math.log(1 + Math.exp(one));
const geluByTanh = (one: number) =>
  0.5 * one * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (one + 0.044715 * one ** 3)));
const elu = (one: number, alpha: number, width = 1) => (one > 0 ? one : alpha * (Math.exp(one / width) - 1));

type Case = [string, Record<string, OnnxAttribute>, (x: number) => number];

const cases: Case[] = [
  ['Relu', {}, (one) => Math.max(one, 0)],
  ['LeakyRelu', {}, (one) => (one > 0 ? one : 0.01 * one)],
  ['LeakyRelu', { alpha: floatAttribute(0.25) }, (one) => (one > 0 ? one : 0.25 * one)],
  ['ThresholdedRelu', { alpha: floatAttribute(1) }, (one) => (one > 1 ? one : 0)],
  [
    'Shrink',
    { lambd: floatAttribute(1), bias: floatAttribute(0.5) },
    (one) => (one > 1 ? one - 0.5 : one < -1 ? one + 0.5 : 0),
  ],
  ['Elu', { alpha: floatAttribute(2) }, (one) => elu(one, 2)],
  ['Celu', { alpha: floatAttribute(2) }, (one) => elu(one, 2, 2)],
  ['Selu', {}, (one) => 1.0507009873554805 * elu(one, 1.6732632423543772)],
  ['Sigmoid', {}, sigmoid],
  ['HardSigmoid', {}, (one) => Math.min(Math.max(0.2 * one + 0.5, 0), 1)],
  ['HardSwish', {}, (one) => one * Math.min(Math.max(one / 6 + 0.5, 0), 1)],
  ['Softplus', {}, softplus],
  ['Softsign', {}, (one) => one / (1 + Math.abs(one))],
  ['Mish', {}, (one) => one * Math.tanh(softplus(one))],
  ['Gelu', { approximate: stringAttribute('tanh') }, geluByTanh],
  ['com.microsoft.FastGelu', {}, geluByTanh],
  ['com.microsoft.QuickGelu', {}, (one) => one * sigmoid(1.702 * one)],
  ['Swish', {}, (one) => one * sigmoid(one)],
];

describe('activation functions', () => {
  it.each(cases)('%s %j', (opType, attributes, expected) => {
    runNode(opType, [x], { attributes })[0]!.numbers.forEach((found, index) => {
      expect(found).toBeCloseTo(expected(points[index]!), 6);
    });
  });

  it('Gelu is exact unless asked otherwise', () => {
    // ½·(1 + erf(1/√2)) is the normal distribution's 0.8413447.
    expect(runNode('Gelu', [fed([1], [1])], { opset: 20 })[0]!.numbers[0]).toBeCloseTo(0.8413447, 6);
    const biased = runNode('com.microsoft.BiasGelu', [fed([1], [0.25]), fed([1], [0.75])]);
    expect(biased[0]!.numbers[0]).toBeCloseTo(0.8413447, 6);
  });

  it.each([
    ['LeakyRelu', 0.01],
    ['Elu', 1],
    ['Softplus', 0.5],
    ['Relu', 0],
  ])('%s has the slope that PyTorch takes at 0', (opType, slope) => {
    const { model, feeds } = importNode(opType, [fed([1], [0])]);
    const seed = constant(model.graph, [1], [1]);
    const [input] = model.inputs.values();
    const [gradient] = gradients(model.graph, model.outputs.get('y0')!, [input!], seed);
    const [found] = interpret(model.graph, [gradient!], feeds);
    expect(found!.data[0]).toBeCloseTo(slope, 6);
  });

  it('Softplus does not overflow', () => {
    expect(runNode('Softplus', [fed([2], [1000, -1000])])[0]!.numbers).toEqual([1000, 0]);
  });

  it('PRelu has its slopes as a parameter', () => {
    const inputs = [fed([1, 2, 2], [-1, 1, -1, 1]), known([2, 1], [0.5, 0.25], 'float32')];
    expect(runNode('PRelu', inputs)[0]!.numbers).toEqual([-0.5, 1, -0.25, 1]);
    expect([...importNode('PRelu', inputs).model.parameters.keys()]).toEqual(['x1']);
  });

  it('Softmax runs along one axis, and before opset 13 over all axes from that one on', () => {
    const ones = fed([1, 2, 2], [0, 0, 0, 0]);
    const axis = { axis: intAttribute(1) };
    expect(runNode('Softmax', [ones], { opset: 13, attributes: axis })[0]!.numbers).toEqual([
      0.5, 0.5, 0.5, 0.5,
    ]);
    expect(runNode('Softmax', [ones], { opset: 11, attributes: axis })[0]).toEqual({
      shape: [1, 2, 2],
      dtype: 'float32',
      numbers: [0.25, 0.25, 0.25, 0.25],
    });
    expect(runNode('Softmax', [fed([2, 1], [1, 2])], { opset: 13 })[0]!.numbers).toEqual([1, 1]);
  });

  it('LogSoftmax is the logarithm of Softmax', () => {
    const [found] = runNode('LogSoftmax', [fed([1, 2], [0, Math.log(3)])]);
    expect(found!.numbers[0]).toBeCloseTo(Math.log(0.25), 6);
    expect(found!.numbers[1]).toBeCloseTo(Math.log(0.75), 6);
  });

  it('Hardmax marks the first maximum', () => {
    expect(runNode('Hardmax', [fed([2, 3], [1, 3, 3, 2, 0, 1])])[0]!.numbers).toEqual([0, 1, 0, 1, 0, 0]);
  });
});
