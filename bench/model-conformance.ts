/**
 * @file Models of many architectures, exported by PyTorch: what each gives once imported, its gradients by every parameter and those of every
 * sample, against PyTorch in float64.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { compile } from '../src/core/compiler/compile.ts';
import { perSampleGradients } from '../src/core/compiler/per-sample.ts';
import type { Fetches, Program } from '../src/core/execution/executor.ts';
import { nodesReaching, type Value } from '../src/core/graph/graph.ts';
import { numbersOf } from '../src/core/tensor/tensor.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import {
  caseGradients,
  importCase,
  readModelCase,
  relativeErrors,
  type LoadedCase,
  type ModelCase,
  type ReferenceGradient,
} from '../testing/model-cases.ts';
import type { Bench, Goal } from './bench.ts';
import { missingPackages, Peer } from './peer.ts';

const SCRIPT = path.join(import.meta.dirname, 'torch/export_models.py');
const QUICK = ['resnet18-folded', 'mobilenet-v3-small', 'swin', 'ddpm-unet'];
const executor = createOrtExecutor();

/** Errors are relative to the largest element of each tensor; the worst tensor counts. */
interface Conformance {
  readonly nodes: number;
  readonly importMs: number;
  readonly compileMs: number;
  readonly sessionMs: number;
  readonly outputError: number;
  readonly gradientError: number;
  readonly perSampleError: number;
  /** Of all parameters of the PyTorch model. */
  readonly matchedShare: number;
  /** Parameters of the import that the PyTorch model does not have. */
  readonly unknownParameters: number;
}

const columns: readonly (readonly [string, keyof Conformance, (value: number) => string])[] = [
  ['nodes', 'nodes', (value) => value.toFixed(0)],
  ['import ms', 'importMs', (value) => value.toFixed(0)],
  ['compile ms', 'compileMs', (value) => value.toFixed(0)],
  ['session ms', 'sessionMs', (value) => value.toFixed(0)],
  ['output', 'outputError', (value) => value.toExponential(1)],
  ['gradients', 'gradientError', (value) => value.toExponential(1)],
  ['per sample', 'perSampleError', (value) => value.toExponential(1)],
  ['matched', 'matchedShare', (value) => `${(100 * value).toFixed(1)} %`],
  ['unknown', 'unknownParameters', (value) => value.toFixed(0)],
];

const goals: Readonly<Record<string, Goal>> = {
  failedModels: { atMost: 0 },
  unknownParameters: { atMost: 0 },
  outputError: { atMost: 1e-4 },
  gradientError: { atMost: 1e-3 },
  perSampleError: { atMost: 1e-3 },
};

export const run: Bench = async ({ quick }) => {
  const missing = missingPackages(['torch', 'torchvision', 'onnx']);
  if (missing !== null) throw new Error(`bench: ${missing}`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'model-conformance-'));
  const peer = new Peer(SCRIPT, ['serve', folder]);
  try {
    const names = quick ? QUICK : (await peer.ask('list')).split(' ');
    const rows = new Map<string, Conformance | string>();
    for (const name of names) {
      await peer.ask(name);
      const row = await checkModel(folder, name).catch((failure: unknown) => String(failure));
      await Promise.all(
        ['onnx', 'json', 'bin'].map((extension) => rm(path.join(folder, `${name}.${extension}`))),
      );
      process.stderr.write(`${tableRow(name, row).join('  ')}\n`);
      rows.set(name, row);
    }
    const table = [
      ['model', ...columns.map(([head]) => head)],
      ...[...rows].map(([name, row]) => tableRow(name, row)),
    ];
    return { figures: figuresOf([...rows.values()]), goals, table };
  } finally {
    peer.close();
    await rm(folder, { recursive: true });
  }
};

function tableRow(name: string, row: Conformance | string): string[] {
  if (typeof row === 'string') return [name, row];
  return [name, ...columns.map(([, key, format]) => format(row[key]))];
}

function figuresOf(rows: readonly (Conformance | string)[]): Record<string, number> {
  const done = rows.filter((row) => typeof row !== 'string');
  const worst = (key: keyof Conformance): number => Math.max(...done.map((row) => row[key]));
  return {
    models: rows.length,
    failedModels: rows.length - done.length,
    outputError: worst('outputError'),
    gradientError: worst('gradientError'),
    perSampleError: worst('perSampleError'),
    unknownParameters: worst('unknownParameters'),
    matchedShare: Math.min(...done.map((row) => row.matchedShare)),
  };
}

async function checkModel(folder: string, name: string): Promise<Conformance> {
  const reference = await readModelCase(folder, name);
  const [loaded, importMs] = timed(() => importCase(reference));
  const [whole, compileMs] = timed(() => compileGradients(loaded, reference));
  const { fetched, sessionMs } = await runOnce(whole.program, reference);
  return {
    nodes: nodesReaching(loaded.model.graph, whole.values).length,
    importMs,
    compileMs,
    sessionMs,
    outputError: relativeErrors([numbersOf(fetched['output']!)], [reference.output])[0]!,
    gradientError: worstError(fetched, whole.found, 'whole'),
    perSampleError: await checkSamples(reference),
    matchedShare: whole.found.length / reference.parameterCount,
    unknownParameters: loaded.model.parameters.size - whole.found.length,
  };
}

interface CompiledGradients {
  readonly program: Program;
  readonly found: readonly ReferenceGradient[];
  readonly values: readonly Value[];
}

function compileGradients(loaded: LoadedCase, reference: ModelCase): CompiledGradients {
  const { found, values } = caseGradients(loaded, reference.gradients);
  const outputs = { output: loaded.output, ...named(found, values) };
  return { program: compile(loaded.model.graph, outputs, { profile: 'cpu' }), found, values };
}

/** In a graph of its own: the gradients of the samples share no work with those of the batch. */
async function checkSamples(reference: ModelCase): Promise<number> {
  const { model, losses } = importCase(reference);
  const found = reference.gradients.filter(({ initializer }) => model.parameters.has(initializer));
  const values = perSampleGradients(
    model.graph,
    { outputs: losses, batched: [...model.inputs.values()] },
    found.map(({ initializer }) => model.parameters.get(initializer)!),
  );
  const program = compile(model.graph, named(found, values), { profile: 'cpu' });
  const { fetched } = await runOnce(program, reference);
  return worstError(fetched, found, 'perSample');
}

function named(found: readonly ReferenceGradient[], values: readonly Value[]): Record<string, Value> {
  return Object.fromEntries(found.map(({ parameter }, index) => [`d ${parameter}`, values[index]!]));
}

function worstError(
  fetched: Fetches,
  found: readonly ReferenceGradient[],
  which: 'whole' | 'perSample',
): number {
  const tensors = found.map(({ parameter }) => numbersOf(fetched[`d ${parameter}`]!));
  const errors = relativeErrors(
    tensors,
    found.map((reference) => reference[which]),
  );
  return Math.max(...errors);
}

function timed<Result>(work: () => Result): [Result, number] {
  const started = performance.now();
  const result = work();
  return [result, performance.now() - started];
}

async function runOnce(
  program: Program,
  { feeds }: ModelCase,
): Promise<{ fetched: Fetches; sessionMs: number }> {
  const started = performance.now();
  const session = await executor.open(program);
  const sessionMs = performance.now() - started;
  try {
    return { fetched: await session.run(feeds), sessionMs };
  } finally {
    await session.dispose();
  }
}
