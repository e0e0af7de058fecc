/** @file Tasks for bench/torch/peer.py: the same weights, inputs and projections that our program gets, as files. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Feeds } from '../../src/core/execution/executor.ts';
import type { ArchitectureName } from '../../src/core/nn/architectures.ts';
import { identityMatrix, planFactors } from '../../src/core/nn/projection/factor-plan.ts';
import { present } from '../../src/core/base/assert.ts';
import { float32, type Tensor } from '../../src/core/tensor/tensor.ts';
import { classifierOf, type Setting } from '../contenders.ts';
import type { Entrant } from '../paired.ts';
import { Peer } from '../peer.ts';

export type Layout = 'nchw' | 'channels_last';

export interface TorchTask {
  readonly work: 'training' | 'embedding' | 'backward' | 'factorised' | 'fold' | 'none';
  readonly architecture: ArchitectureName | 'unet';
  /** Channels and side of the images. */
  readonly image: readonly [number, number];
  readonly layout: Layout;
  readonly threads: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** How per-sample gradients are formed. */
  readonly route?: 'hooks' | 'vmap';
  readonly layers?: number;
  readonly vectors?: { readonly size: number; readonly offset: number };
  readonly size?: number;
  readonly sgd?: { readonly learningRate: number; readonly momentum: number; readonly weightDecay: number };
}

export interface TorchEntrant extends Entrant {
  readonly result: () => Promise<Float32Array>;
  /** Peak of the process so far, MB. */
  readonly peakMemory: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export async function openTorch(name: string, task: TorchTask): Promise<TorchEntrant> {
  const folder = await mkdtemp(path.join(tmpdir(), 'whence-torch-'));
  const tensors: Record<string, { file: string; shape: readonly number[] }> = {};
  for (const [key, { shape, data }] of Object.entries(task.tensors)) {
    tensors[key] = { file: path.join(folder, `${key}.f32`), shape };
    await writeFile(tensors[key].file, data as Float32Array);
  }
  const peer = new Peer(path.join(import.meta.dirname, 'peer.py'), [JSON.stringify({ ...task, tensors })]);
  await requireFastProducts(peer);
  return {
    name,
    run: async (steps) => {
      const [seconds, processorSeconds] = (await peer.ask(`run ${steps}`)).split(' ').map(Number);
      return { seconds: seconds!, processorSeconds: processorSeconds! };
    },
    result: async () => {
      const file = path.join(folder, 'result.f32');
      await peer.ask(`result ${file}`);
      const bytes = await readFile(file);
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    },
    peakMemory: async () => Number(await peer.ask('memory')),
    close: async () => {
      peer.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** PyTorch over the reference BLAS multiplies some thirty times slower: a comparison with that would flatter us. */
async function requireFastProducts(peer: Peer): Promise<void> {
  const { blas } = JSON.parse(await peer.ask('about')) as { blas: string[] };
  if (blas.some((file) => /openblas|mkl/.test(file))) return;
  peer.close();
  throw new Error(
    `bench: PyTorch multiplies with ${blas.join(', ') || 'no BLAS at all'}. apt-get install libopenblas0.`,
  );
}

/** What a task takes over from our program's feeds. */
export function tensorsOf(feeds: Feeds, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => [name, feeds[name]!]));
}

/** The factorised projection: `input` and `output` project a weight's columns and rows; all vectors are folded together. */
export function projectionTensors(
  setting: Setting,
  { size, seed }: { readonly size: number; readonly seed: number },
): Required<Pick<TorchTask, 'layers' | 'tensors' | 'vectors'>> {
  const plan = planFactors(classifierOf(setting).parameters, { kind: 'factorised', size, seed });
  const { signs, ...vectors } = present(plan.vectors, 'biases');
  const tensors: Record<string, Tensor> = { vectorSigns: float32([signs.length], signs) };
  [...plan.matrices.values()].forEach((matrix, index) => {
    const { projectedRows, rows, left, projectedColumns, columns, right } = matrix;
    tensors[`input${index}`] = float32([projectedColumns, columns], right ?? identityMatrix(columns));
    tensors[`output${index}`] = float32([projectedRows, rows], left ?? identityMatrix(rows));
  });
  return { layers: plan.matrices.size, tensors, vectors };
}
