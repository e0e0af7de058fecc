import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  caseGradients,
  importCase,
  readModelCase,
  relativeErrors,
  type ReferenceGradient,
} from '../../../testing/model-cases.ts';
import { runProgram } from '../../../testing/sessions.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { compile } from '../../core/compiler/compile.ts';
import type { Profile } from '../../core/compiler/lower/lowerings.ts';
import { perSampleGradients } from '../../core/compiler/per-sample.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import type { Value } from '../../core/graph/graph.ts';
import { numbersOf, type Tensor } from '../../core/tensor/tensor.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../testing/model-fixtures');

/**
 * One block of each family, as PyTorch exports it, with PyTorch's own results in float64. Written by
 * `python3 bench/torch/export_models.py fixtures testing/model-fixtures`.
 */
const models = [
  'residual',
  'residual-folded',
  'mobile',
  'vit',
  'vit-single',
  'swin',
  'convnext',
  'ddpm-unet',
];

/** The CPU runs what is compiled for the others too. */
const profiles: Profile[] = ['cpu', 'webgpu', 'portable'];

function expectClose(found: readonly Tensor[], expected: readonly ArrayLike<number>[]): void {
  const errors = relativeErrors(found.map(numbersOf), expected);
  expect(Math.max(...errors)).toBeLessThan(tolerances.float32Compiled);
}

async function differentiate(name: string) {
  const reference = await readModelCase(FOLDER, name);
  const loaded = importCase(reference);
  const { found, values } = caseGradients(loaded, reference.gradients);
  const expected = [reference.output, ...found.map(({ whole }) => whole)];
  return { reference, loaded, found, values: [loaded.output, ...values], expected };
}

async function compileAndRun(
  values: readonly Value[],
  { graph, feeds, profile = 'cpu' }: Runnable,
): Promise<Tensor[]> {
  const outputs = Object.fromEntries(values.map((value, index) => [`y${index}`, value]));
  const fetched = await runProgram(compile(graph, outputs, { profile }), feeds);
  return values.map((_, index) => fetched[`y${index}`]!);
}

interface Runnable {
  readonly graph: Parameters<typeof compile>[0];
  readonly feeds: Parameters<typeof runProgram>[1];
  readonly profile?: Profile;
}

describe.each(models)('the imported model %s', (name) => {
  it('holds every parameter, and no other', async () => {
    const { reference, loaded, found } = await differentiate(name);
    const names = found.map(({ initializer }: ReferenceGradient) => initializer);
    expect([...loaded.model.parameters.keys()].sort()).toEqual(names.sort());
    expect(found).toHaveLength(reference.parameterCount);
  });

  it("has PyTorch's outputs and gradients by the reference semantics", async () => {
    const { reference, loaded, values, expected } = await differentiate(name);
    expectClose(interpret(loaded.model.graph, values, reference.feeds), expected);
  });

  it.each(profiles)('has them on ONNX Runtime, compiled for %s', async (profile) => {
    const { reference, loaded, values, expected } = await differentiate(name);
    const runnable = { graph: loaded.model.graph, feeds: reference.feeds, profile };
    expectClose(await compileAndRun(values, runnable), expected);
  });

  it('has the gradients of every sample on ONNX Runtime', async () => {
    const { reference, loaded, found } = await differentiate(name);
    const { graph, inputs, parameters } = loaded.model;
    const values = perSampleGradients(
      graph,
      { outputs: loaded.losses, batched: [...inputs.values()] },
      found.map(({ initializer }) => parameters.get(initializer)!),
    );
    const tensors = await compileAndRun(values, { graph, feeds: reference.feeds });
    expectClose(
      tensors,
      found.map(({ perSample }) => perSample),
    );
  });
});
