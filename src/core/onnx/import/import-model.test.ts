import { describe, expect, it } from 'vitest';
import { onnxModel, onnxNode, type ModelParts } from '../../../../testing/onnx-models.ts';
import { interpret } from '../../execution/reference-interpreter.ts';
import { tensorOf } from '../../tensor/tensor.ts';
import { intAttribute, type OnnxGraph, type OnnxModel } from '../model.ts';
import { importModel } from './import-model.ts';

const images: OnnxModel['inputs'] = new Map([['images', { dtype: 'float32', shape: ['batch', 2] }]]);
const weight = tensorOf('float32', [2], [10, 20]);

/** The model for two images, and its first output on the pixels 1, 2, 3, 4. */
function load(parts: ModelParts) {
  const model = importModel(onnxModel({ inputs: images, ...parts }), {
    inputShapes: new Map([['images', [2, 2]]]),
  });
  const feeds = { images: tensorOf('float32', [2, 2], [1, 2, 3, 4]) };
  const [result] = interpret(model.graph, [...model.outputs.values()], feeds);
  return { model, result: Array.from(result!.data, Number) };
}

describe('importing a model', () => {
  it('makes named weights its parameters, and leaves unnamed constants and scalars as numbers', () => {
    const { model, result } = load({
      initializers: {
        'head.bias': weight,
        'onnx::Add_7': tensorOf('float32', [2], [1, 1]),
        factor: tensorOf('float32', [], [2]),
        unused: weight,
      },
      nodes: [
        onnxNode('Add', ['images', 'head.bias'], ['a']),
        onnxNode('Add', ['a', 'onnx::Add_7'], ['b']),
        onnxNode('Mul', ['b', 'factor'], ['y']),
      ],
      outputs: ['y'],
    });
    expect([...model.parameters.keys()]).toEqual(['head.bias']);
    expect(result).toEqual([24, 46, 28, 50]);
  });

  it('makes a weight that the file turns around before use a parameter by its place, not by its name', () => {
    const { model, result } = load({
      initializers: { 'onnx::Transpose_3': tensorOf('float32', [1, 2], [10, 1]) },
      nodes: [
        onnxNode('Transpose', ['onnx::Transpose_3'], ['turned']),
        onnxNode('MatMul', ['images', 'turned'], ['y']),
      ],
      outputs: ['y'],
    });
    expect([...model.parameters.keys()]).toEqual(['turned']);
    expect(result).toEqual([12, 34]);
    const added = load({
      initializers: { 'onnx::Reshape_3': weight, shape: tensorOf('int64', [2], [1, 2]) },
      nodes: [
        onnxNode('Reshape', ['onnx::Reshape_3', 'shape'], ['mask']),
        onnxNode('Add', ['images', 'mask'], ['y']),
      ],
      outputs: ['y'],
    });
    expect([...added.model.parameters.keys()]).toEqual([]);
  });

  it.each([
    ['dense/BiasAdd/ReadVariableOp:0', true],
    ['layers.0.bias', true],
    ['/layers.0/Constant_output_0', false],
    ['model/normalization/sub/y:0', false],
    ['model/flatten/Const:0', false],
    ['const_fold_opt__12', false],
  ])('tells by its name whether %s is a weight: %s', (name, isWeight) => {
    const { model } = load({
      initializers: { [name]: weight },
      nodes: [onnxNode('Add', ['images', name], ['y'])],
      outputs: ['y'],
    });
    expect(model.parameters.has(name)).toBe(isWeight);
  });

  it('widens half-precision weights', () => {
    const { model, result } = load({
      initializers: { bias: tensorOf('float16', [2], [0.5, 1]) },
      nodes: [onnxNode('Add', ['images', 'bias'], ['y'])],
      outputs: ['y'],
    });
    expect(model.parameters.get('bias')!.type.dtype).toBe('float32');
    expect(result).toEqual([1.5, 3, 3.5, 5]);
  });

  it('reads no input for what is an initializer too, as old files have it', () => {
    const { model } = load({
      inputs: new Map([...images, ['bias', { dtype: 'float32', shape: [2] }]]),
      initializers: { bias: weight },
      nodes: [onnxNode('Add', ['images', 'bias'], ['y'])],
      outputs: ['y'],
    });
    expect([...model.inputs.keys()]).toEqual(['images']);
    expect([...model.parameters.keys()]).toEqual(['bias']);
  });

  it('computes what is known already, so that no node is left of it', () => {
    const { model } = load({
      initializers: { one: tensorOf('int64', [1], [1]), two: tensorOf('int64', [1], [2]) },
      nodes: [
        onnxNode('Add', ['one', 'two'], ['three']),
        onnxNode('Cast', ['three'], ['factor'], { to: intAttribute(1) }),
        onnxNode('Mul', ['images', 'factor'], ['y']),
      ],
      outputs: ['y'],
    });
    expect(model.graph.nodes.map((node) => node.op)).toEqual(['Mul']);
  });

  it('takes the branch of an If whose condition is known, in the names around it', () => {
    const body = (opType: string): OnnxGraph => ({
      graphName: opType,
      inputs: new Map(),
      outputs: new Map([['inner', null]]),
      initializers: new Map([['bias', weight]]),
      nodes: [onnxNode(opType, ['images', 'bias'], ['inner'])],
    });
    const { result } = load({
      initializers: { condition: tensorOf('bool', [], [0]) },
      nodes: [
        onnxNode('If', ['condition'], ['y'], {
          then_branch: { kind: 'graph', value: body('Add') },
          else_branch: { kind: 'graph', value: body('Mul') },
        }),
      ],
      outputs: ['y'],
    });
    expect(result).toEqual([10, 40, 30, 80]);
  });

  it('leaves out what the wanted outputs do not need, even what it could not import', () => {
    const source = onnxModel({
      inputs: images,
      nodes: [onnxNode('Relu', ['images'], ['y']), onnxNode('StringSplit', ['images'], ['z'])],
      outputs: ['y', 'z'],
    });
    const inputShapes = new Map([['images', [1, 2]]]);
    expect([...importModel(source, { inputShapes, outputs: ['y'] }).outputs.keys()]).toEqual(['y']);
    expect(() => importModel(source, { inputShapes })).toThrow('StringSplit_of_z uses StringSplit');
  });

  it('says which input got a shape that does not fit, and what would', () => {
    const source = onnxModel({
      inputs: images,
      nodes: [onnxNode('Relu', ['images'], ['y'])],
      outputs: ['y'],
    });
    expect(() => importModel(source, { inputShapes: new Map([['images', [2, 3]]]) })).toThrow(
      'images of shape [batch,2], but it was given [2,3]',
    );
    expect(() => importModel(source, { inputShapes: new Map() })).toThrow('given no shape');
  });

  it('names the node whose operands do not fit each other', () => {
    expect(() =>
      load({
        initializers: { bias: tensorOf('float32', [3], [1, 2, 3]) },
        nodes: [onnxNode('Add', ['images', 'bias'], ['y'])],
        outputs: ['y'],
      }),
    ).toThrow('at node Add_of_y (Add): shapes [2,2] [3] clash');
  });

  it('refuses repetition and says what to do', () => {
    expect(() => load({ nodes: [onnxNode('Loop', ['images'], ['y'])], outputs: ['y'] })).toThrow('unrolled');
  });

  it('refuses what is left of training, and says which output to choose', () => {
    const nodes = [onnxNode('SoftmaxCrossEntropyLoss', ['images', 'images'], ['y'])];
    expect(() => load({ nodes, outputs: ['y'] })).toThrow('Choose the output before it');
  });

  it('refuses a file in which a node reads what nothing makes', () => {
    expect(() => load({ nodes: [onnxNode('Relu', ['nothing'], ['y'])], outputs: ['y'] })).toThrow(
      'reads nothing, which nothing makes',
    );
  });
});
