import { describe, expect, it } from 'vitest';
import { Graph } from '../graph/graph.ts';
import { add, exp, relu } from '../ops/build.ts';
import { peakLiveBytes } from './live-memory.ts';

describe('peakLiveBytes', () => {
  const FLOATS = 100;
  const start = () => {
    const graph = new Graph();
    return { graph, x: graph.input('x', { dtype: 'float32', shape: [FLOATS] }) };
  };

  it('of a chain is what is given and two neighbours, however long the chain', () => {
    const { graph, x } = start();
    const long = [1, 2, 3, 4, 5].reduce((value) => exp(graph, value), x);
    expect(peakLiveBytes(graph, [long])).toBe(3 * FLOATS * 4);
  });

  it('holds a value until its last reader has run', () => {
    const { graph, x } = start();
    const early = relu(graph, x);
    const late = exp(graph, exp(graph, exp(graph, early)));
    expect(peakLiveBytes(graph, [add(graph, early, late)])).toBe(4 * FLOATS * 4);
  });

  it('leaves out what no output depends on', () => {
    const { graph, x } = start();
    exp(graph, x);
    expect(peakLiveBytes(graph, [relu(graph, x)])).toBe(2 * FLOATS * 4);
  });
});
