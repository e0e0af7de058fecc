import { describe, expect, it } from 'vitest';
import type { OnnxModel, OnnxNode } from './model.ts';
import { verifyModel } from './verify-model.ts';

const relu = (name: string, input: string, output: string): OnnxNode => ({
  opType: 'Relu',
  domain: '',
  name,
  inputs: [input],
  outputs: [output],
  attributes: new Map(),
});

function model(...nodes: OnnxNode[]): OnnxModel {
  const type = { dtype: 'float32', shape: [1] } as const;
  return {
    producer: '',
    irVersion: 9,
    opsets: new Map([['', 20]]),
    graphName: '',
    inputs: new Map([['x', type]]),
    outputs: new Map([['y', type]]),
    initializers: new Map(),
    functions: [],
    nodes,
  };
}

describe('verifyModel', () => {
  it('has nothing to say about names that are made once and then read', () => {
    expect(verifyModel(model(relu('first', 'x', 'h'), relu('second', 'h', 'y')))).toEqual([]);
  });

  it('tells of a name read too early, made twice, or never made', () => {
    expect(verifyModel(model(relu('second', 'h', 'y'), relu('first', 'x', 'h')))).toEqual([
      'second reads h before it is made',
    ]);
    expect(verifyModel(model(relu('first', 'x', 'y'), relu('again', 'x', 'y')))).toEqual([
      'again makes y a second time',
    ]);
    expect(verifyModel(model(relu('first', 'x', 'h')))).toEqual(['nothing makes the output y']);
  });
});
