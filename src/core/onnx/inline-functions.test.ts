import { describe, expect, it } from 'vitest';
import { tensorOf } from '../tensor/tensor.ts';
import { inlineFunctions } from './inline-functions.ts';
import {
  floatAttribute,
  type OnnxAttribute,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueType,
} from './model.ts';
import { pruneModel } from './prune-model.ts';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

function node(
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Attributes = {},
  domain = '',
): OnnxNode {
  return {
    opType,
    domain,
    name: `${opType}>${outputs[0]}`,
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes)),
  };
}

function call(name: string, inputs: string[], outputs: string[], attributes: Attributes = {}): OnnxNode {
  return node(name, inputs, outputs, attributes, 'local');
}

function defined(
  name: string,
  inputs: string[],
  outputs: string[],
  nodes: OnnxNode[],
  more: Partial<OnnxFunction> = {},
): OnnxFunction {
  const opsets = new Map([['', 17]]);
  return {
    domain: 'local',
    name,
    inputs,
    outputs,
    nodes,
    attributes: [],
    attributeDefaults: new Map(),
    opsets,
    ...more,
  };
}

const matrix: OnnxValueType = { dtype: 'float32', shape: ['batch', 2] };

function modelOf(
  nodes: OnnxNode[],
  functions: OnnxFunction[] = [],
  more: Partial<OnnxModel> = {},
): OnnxModel {
  return {
    producer: 'test',
    irVersion: 8,
    opsets: new Map([['', 17]]),
    graphName: 'graph',
    inputs: new Map([['x', matrix]]),
    outputs: new Map([['y', matrix]]),
    initializers: new Map(),
    nodes,
    functions,
    ...more,
  };
}

const written = ({ opType, inputs, outputs }: OnnxNode): string =>
  `${outputs.join()}=${opType}(${inputs.join()})`;
const refers = (value: string): OnnxAttribute => ({ kind: 'reference', value });

describe('inlining local functions', () => {
  it('gives inner values fresh names, at every call others', () => {
    const twice = defined(
      'Twice',
      ['a'],
      ['c'],
      [node('Relu', ['a'], ['b']), node('Add', ['b', 'b'], ['c'])],
    );
    const inlined = inlineFunctions(
      modelOf([call('Twice', ['x'], ['b']), call('Twice', ['b'], ['y'])], [twice]),
    );
    expect(inlined.functions).toEqual([]);
    expect(inlined.nodes.map(written)).toEqual([
      'Twice>b/b=Relu(x)',
      'b=Add(Twice>b/b,Twice>b/b)',
      'Twice>y/b=Relu(b)',
      'y=Add(Twice>y/b,Twice>y/b)',
    ]);
  });

  it('keeps clear of names that the model uses already', () => {
    const inner = defined('Inner', ['a'], ['c'], [node('Relu', ['a'], ['b']), node('Exp', ['b'], ['c'])]);
    const inlined = inlineFunctions(
      modelOf([node('Abs', ['x'], ['Inner>y/b']), call('Inner', ['Inner>y/b'], ['y'])], [inner]),
    );
    expect(inlined.nodes.map(written)).toEqual([
      'Inner>y/b=Abs(x)',
      'Inner>y/b_1=Relu(Inner>y/b)',
      'y=Exp(Inner>y/b_1)',
    ]);
  });

  it('goes into functions that call functions, and hands attributes down with their defaults', () => {
    const leak = defined(
      'Leak',
      ['a'],
      ['b'],
      [node('LeakyRelu', ['a'], ['b'], { alpha: refers('slope') })],
      {
        attributeDefaults: new Map([['slope', floatAttribute(0.1)]]),
      },
    );
    const pair = defined(
      'Pair',
      ['a'],
      ['b', 'c'],
      [
        call('Leak', ['a'], ['b'], { slope: refers('steep') }),
        call('Leak', ['a'], ['c'], { slope: refers('absent') }),
      ],
      { attributes: ['steep', 'absent'] },
    );
    const inlined = inlineFunctions(
      modelOf([call('Pair', ['x'], ['y', 'z'], { steep: floatAttribute(0.5) })], [leak, pair]),
    );
    expect(inlined.nodes.map(written)).toEqual(['y=LeakyRelu(x)', 'z=LeakyRelu(x)']);
    expect(inlined.nodes.map(({ attributes }) => attributes.get('alpha'))).toEqual([
      floatAttribute(0.5),
      floatAttribute(0.1),
    ]);
  });

  it('reaches calls in the bodies of branches, whose captured names follow', () => {
    const body: OnnxGraph = {
      graphName: 'branch',
      inputs: new Map(),
      outputs: new Map([['out', null]]),
      initializers: new Map([['w', tensorOf('float32', [1], [2])]]),
      nodes: [call('Scale', ['seen', 'w'], ['out'])],
    };
    const scale = defined('Scale', ['a', 'b'], ['c'], [node('Mul', ['a', 'b'], ['c'])]);
    const chooser = defined(
      'Choose',
      ['condition', 'a'],
      ['b'],
      [
        node('Neg', ['a'], ['seen']),
        node('If', ['condition'], ['b'], { then_branch: { kind: 'graph', value: body } }),
      ],
    );
    const inlined = inlineFunctions(modelOf([call('Choose', ['flag', 'x'], ['y'])], [scale, chooser]));
    const branch = inlined.nodes[1]!.attributes.get('then_branch');
    expect(inlined.nodes.map(written)).toEqual(['Choose>y/seen=Neg(x)', 'y=If(flag)']);
    expect(branch?.kind === 'graph' && branch.value.nodes.map(written)).toEqual([
      'Choose>y/out=Mul(Choose>y/seen,Choose>y/w)',
    ]);
    expect(branch?.kind === 'graph' && [...branch.value.initializers.keys()]).toEqual(['Choose>y/w']);
  });

  it('leaves out what the call leaves out, and copies what a function hands through', () => {
    const hand = defined('Hand', ['a', 'low'], ['a', 'b'], [node('Clip', ['a', 'low'], ['b'])]);
    const inlined = inlineFunctions(modelOf([call('Hand', ['x'], ['y', 'z'])], [hand]));
    expect(inlined.nodes.map(written)).toEqual(['z=Clip(x,)', 'y=Identity(x)']);
  });

  it('takes the operator sets of functions where they agree, and refuses them where an operator changed', () => {
    const opsets = new Map([
      ['', 12],
      ['com.microsoft', 1],
    ]);
    const mixed = (opType: string): OnnxFunction =>
      defined(
        'Mixed',
        ['a'],
        ['c'],
        [node(opType, ['a'], ['b']), node('Gelu', ['b'], ['c'], {}, 'com.microsoft')],
        { opsets },
      );
    const inlined = inlineFunctions(modelOf([call('Mixed', ['x'], ['y'])], [mixed('Relu')]));
    expect([...inlined.opsets]).toEqual([
      ['', 17],
      ['com.microsoft', 1],
    ]);
    expect(() => inlineFunctions(modelOf([call('Mixed', ['x'], ['y'])], [mixed('Softmax')]))).toThrow(
      'function Mixed is written for version 12 of operator set “”, the model for 17',
    );
  });

  it('refuses functions that call themselves, and functions that stand for more than any machine holds', () => {
    const ping = defined('Ping', ['a'], ['b'], [call('Pong', ['a'], ['b'])]);
    const pong = defined('Pong', ['a'], ['b'], [call('Ping', ['a'], ['b'])]);
    expect(() => inlineFunctions(modelOf([call('Ping', ['x'], ['y'])], [ping, pong]))).toThrow(
      'calls itself',
    );

    const doubling = Array.from({ length: 40 }, (_, level) =>
      defined(
        `F${level}`,
        ['a'],
        ['c'],
        level === 0 ? [] : [call(`F${level - 1}`, ['a'], ['b']), call(`F${level - 1}`, ['b'], ['c'])],
      ),
    );
    expect(() => inlineFunctions(modelOf([call('F39', ['x'], ['y'])], doubling))).toThrow('stand for over');
    expect(() => inlineFunctions(modelOf([call('Ping', ['x', 'x'], ['y'])], [ping, pong]))).toThrow(
      'more inputs',
    );
  });
});

describe('pruning a model', () => {
  const body: OnnxGraph = {
    graphName: 'branch',
    inputs: new Map(),
    outputs: new Map([['inner', null]]),
    initializers: new Map(),
    nodes: [node('Add', ['captured', 'kept'], ['inner'])],
  };
  const model = modelOf(
    [
      node('Relu', ['x'], ['captured']),
      node('If', ['flag'], ['embedding'], { then_branch: { kind: 'graph', value: body } }),
      node('MatMul', ['embedding', 'dropped'], ['y']),
      node('Sin', ['other'], ['unread']),
    ],
    [],
    {
      inputs: new Map([
        ['x', matrix],
        ['flag', { dtype: 'bool', shape: [] }],
        ['other', matrix],
      ]),
      initializers: new Map([
        ['kept', tensorOf('float32', [1], [1])],
        ['dropped', tensorOf('float32', [1], [1])],
      ]),
    },
  );

  it('keeps what an inner value depends on, also what only a branch reads', () => {
    const pruned = pruneModel(model, ['embedding']);
    expect(pruned.nodes.map(({ opType }) => opType)).toEqual(['Relu', 'If']);
    expect([...pruned.inputs.keys()]).toEqual(['x', 'flag']);
    expect([...pruned.initializers.keys()]).toEqual(['kept']);
    expect([...pruned.outputs]).toEqual([['embedding', null]]);
  });

  it('changes nothing that an output needs', () => {
    const pruned = pruneModel(model, ['y']);
    expect(pruned.outputs).toEqual(model.outputs);
    expect(pruned.nodes).toEqual(model.nodes.slice(0, 3));
    expect(pruneModel(pruned, ['y'])).toEqual(pruned);
  });
});
