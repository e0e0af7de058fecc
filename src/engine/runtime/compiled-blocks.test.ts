import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../testing/sessions.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { drawTensor } from '../../../testing/op-cases.ts';
import { Random } from '../../core/base/random.ts';
import { compile } from '../../core/compiler/compile.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { Graph } from '../../core/graph/graph.ts';
import { readModel } from '../../core/onnx/read-model.ts';
import { conv, convGeometry, convInputGradient, type ConvOptions } from '../../core/ops/build.ts';
import { numbersOf } from '../../core/tensor/tensor.ts';
import { probeCpuProfile } from './probe-blocks.ts';

const profile = await probeCpuProfile();

const convolutions: readonly { x: number[]; w: number[]; options: ConvOptions }[] = [
  { x: [2, 16, 6, 5], w: [32, 16, 3, 3], options: { pads: 1 } },
  { x: [1, 32, 5, 5], w: [16, 32, 1, 1], options: {} },
  { x: [2, 16, 7, 7], w: [16, 16, 3, 3], options: { stride: 2, pads: 1 } },
  { x: [1, 16, 9, 8], w: [32, 16, 2, 3], options: { dilation: 2, pads: [0, 2, 1, 1] } },
  { x: [2, 3, 6, 6], w: [32, 3, 3, 3], options: { pads: 1 } },
  { x: [2, 1, 6, 6], w: [16, 1, 5, 5], options: { pads: 2 } },
  // Not in whole blocks, grouped: as always.
  { x: [1, 20, 4, 4], w: [16, 20, 3, 3], options: { pads: 1 } },
  { x: [1, 32, 4, 4], w: [32, 16, 3, 3], options: { pads: 1, group: 2 } },
];

function convolutionGraph({ x, w, options }: (typeof convolutions)[number]) {
  const random = new Random(2, 'blocks');
  const draw = (shape: readonly number[]) => drawTensor({ shape, draw: 'normal' }, random, 'float32');
  const feeds = { x: draw(x), w: draw(w), bias: draw([w[0]!]) };
  const graph = new Graph();
  const [image, weight, bias] = Object.entries(feeds).map(([name, tensor]) => graph.input(name, tensor));
  const y = conv(graph, image!, weight!, { ...options, bias: bias! });
  const dx = convInputGradient(graph, y, weight!, convGeometry(options), x);
  return { graph, outputs: { y, dx }, feeds };
}

describe('blocked convolutions', () => {
  it.each(convolutions)('of $x by $w, $options, agree with the reference', async (one) => {
    const { graph, outputs, feeds } = convolutionGraph(one);
    const found = await runProgram(compile(graph, outputs, { profile }), feeds);
    const expected = interpret(graph, [outputs.y, outputs.dx], feeds).map(numbersOf);
    (['y', 'dx'] as const).forEach((name, index) => {
      const scale = expected[index]!.reduce((largest, element) => Math.max(largest, Math.abs(element)), 0);
      numbersOf(found[name]!).forEach((element, at) => {
        const difference = Math.abs(element - expected[index]![at]!) / scale;
        expect(difference).toBeLessThan(tolerances.float32Compiled);
      });
    });
  });

  it('leave constant weights to the runtime', () => {
    const { graph, outputs, feeds } = convolutionGraph(convolutions[0]!);
    const domains = (bake?: Map<string, (typeof feeds)['w']>) =>
      readModel(
        compile(graph, outputs, { profile: 'cpu-blocks-16', ...(bake ? { bake } : {}) }).onnx,
      ).nodes.map(({ domain }) => domain);
    expect(domains()).toContain('com.microsoft.nchwc');
    expect(domains(new Map([['w', feeds.w]]))).not.toContain('com.microsoft.nchwc');
  });
});
