import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../testing/sessions.ts';
import { compile } from '../../core/compiler/compile.ts';
import { gradients } from '../../core/compiler/differentiate.ts';
import { Graph } from '../../core/graph/graph.ts';
import { crossEntropy, margin, residual } from '../../core/nn/losses.ts';
import { sum } from '../../core/ops/build.ts';
import { numbersOf, tensorOf } from '../../core/tensor/tensor.ts';

/** Losses, margins, residuals and the margin's gradient of the given logits, whose first class is the target. */
async function evaluate(rows: readonly (readonly number[])[]) {
  const graph = new Graph();
  const shape = [rows.length, rows[0]!.length];
  const logits = graph.input('logits', { dtype: 'float32', shape });
  const targets = graph.input('targets', { dtype: 'float32', shape });
  const margins = margin(graph, logits, targets);
  const [slope] = gradients(graph, sum(graph, margins), [logits]);
  const outputs = {
    losses: crossEntropy(graph, logits, targets),
    margins,
    residuals: residual(graph, logits, targets),
    slope: slope!,
  };
  const found = await runProgram(compile(graph, outputs, { profile: 'cpu' }), {
    logits: tensorOf('float32', shape, rows.flat()),
    targets: tensorOf(
      'float32',
      shape,
      rows.flatMap((row) => row.map((_, column) => (column === 0 ? 1 : 0))),
    ),
  });
  return Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, [...numbersOf(tensor)]]));
}

describe('losses', () => {
  it('agree with their closed forms', async () => {
    const rows = [
      [0.5, -1, 2],
      [3, 0.25, -0.5],
    ];
    const found = await evaluate(rows);
    rows.forEach((row, index) => {
      const [own, ...others] = row.map(Math.exp) as [number, ...number[]];
      const rest = others.reduce((total, value) => total + value, 0);
      const probability = own / (own + rest);
      expect(found['losses']![index]).toBeCloseTo(-Math.log(probability), 5);
      expect(found['residuals']![index]).toBeCloseTo(1 - probability, 5);
      // The margin is the log-odds of the target.
      expect(found['margins']![index]).toBeCloseTo(Math.log(probability / (1 - probability)), 5);
      expect(found['slope']!.slice(index * 3, index * 3 + 3)).toEqual([
        1,
        ...others.map((value) => expect.closeTo(-value / rest, 5) as number),
      ]);
    });
  });

  it('stay finite and exact where a probability rounds to one or to zero', async () => {
    const found = await evaluate([
      [200, -100, -100],
      [-200, 100, 0],
      [60, 0, 0],
    ]);
    expect(found['margins']![0]).toBeCloseTo(300 - Math.log(2), 3);
    expect(found['margins']![1]).toBeCloseTo(-300, 3);
    // log(1 − p) would be −∞ here: p rounds to one in float32.
    expect(found['margins']![2]).toBeCloseTo(60 - Math.log(2), 4);
    expect(found['residuals']![2]).toBeGreaterThan(0);
    expect(found['residuals']![2]! / (2 * Math.exp(-60))).toBeCloseTo(1, 3);
    expect(found['slope']!.every(Number.isFinite)).toBe(true);
    expect(found['slope']!.slice(0, 3)).toEqual([1, -0.5, -0.5]);
  });
});
