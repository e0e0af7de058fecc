import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { latentEncoder, tinySize } from '../../../testing/stable-diffusion.ts';
import { compile } from '../../core/compiler/compile.ts';
import { Graph } from '../../core/graph/graph.ts';
import { readModel } from '../../core/onnx/read-model.ts';
import { writeModel } from '../../core/onnx/write-model.ts';
import { matMul } from '../../core/ops/build.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import { readStoredModel, storeModelFile } from '../modelling/store-model-file.ts';
import { createOrtExecutor } from './ort-executor.ts';

const folder = mkdtempSync(join(tmpdir(), 'whence-outside-'));
afterAll(() => rmSync(folder, { recursive: true }));

const side = 32;
const numbers = Float32Array.from({ length: side ** 2 }, (_, index) => Math.sin(index));

describe('a program whose weights lie outside the model', () => {
  it('computes what the whole one computes, and copies no weight', async () => {
    const graph = new Graph();
    const rows = graph.input('rows', { dtype: 'float32', shape: [2, side] });
    const weight = float32([side, side], numbers);
    const outputs = { said: matMul(graph, rows, graph.constant(weight, 'weight')) };
    const whole = compile(graph, outputs, { profile: 'cpu' });
    const apart = compile(graph, outputs, { profile: 'cpu', largestWhole: side });
    expect(whole.weights).toBeUndefined();
    expect([...apart.weights!.values()].map(({ buffer }) => buffer)).toEqual([numbers.buffer]);
    expect(apart.onnx.length).toBeLessThan(whole.onnx.length - 4 * side ** 2 + 200);
    const feeds = { rows: float32([2, side], numbers.slice(0, 2 * side)) };
    const executor = createOrtExecutor({ threads: 1 });
    const said = [];
    for (const program of [whole, apart]) {
      const session = await executor.open(program);
      said.push((await session.run(feeds))['said']!.data);
      await session.dispose();
    }
    expect(said[1]).toEqual(said[0]);
    expect(Math.abs(said[0]![0] as number)).toBeGreaterThan(0);
  });
});

describe('a program that needs more memory than there is', () => {
  it('is not opened, so that a smaller batch can be tried', async () => {
    const graph = new Graph();
    const rows = graph.input('rows', { dtype: 'float32', shape: [100, side] });
    const program = compile(
      graph,
      { said: matMul(graph, rows, graph.constant(float32([side, side], numbers))) },
      { profile: 'cpu' },
    );
    // Rows in and out, and the weight.
    expect(program.liveBytes).toBe(4 * (2 * 100 * side + side ** 2));
    const executorWith = (memoryBytes: number) => createOrtExecutor({ threads: 1, memoryBytes });
    await expect(executorWith(program.liveBytes! - 1).open(program)).rejects.toMatchObject({
      code: 'memory-exhausted',
    });
    await (await executorWith(program.liveBytes!).open(program)).dispose();
  });
});

describe('a brought model file with its data in another', () => {
  const model = latentEncoder(tinySize.autoencoder);
  const source = join(folder, 'source');
  const bytes: Uint8Array[] = [];
  let offset = 0;
  const onnx = writeModel(model, (piece) => {
    bytes.push(piece);
    offset += piece.length;
    return { location: 'model.data', offset: offset - piece.length };
  });
  writeFileSync(`${source}.onnx`, onnx);
  writeFileSync(join(folder, 'model.data'), Buffer.concat(bytes));

  it('is kept with its weights in a file of their own where they are too large for one, and read again', () => {
    const files = join(folder, 'models', 'files');
    const stored = storeModelFile(folder, `${source}.onnx`, 1000);
    const weights = readdirSync(files).filter((name) => name.endsWith('.weights'));
    expect(weights).toHaveLength(1);
    expect(statSync(join(files, weights[0]!)).size).toBeGreaterThan(statSync(join(folder, stored)).size);
    expect(readStoredModel(folder, stored).initializers).toEqual(model.initializers);
    // By their content: stored again it is the same file.
    expect(storeModelFile(folder, `${source}.onnx`, 1000)).toBe(stored);
  });

  it('is kept as one file where it fits', () => {
    const stored = storeModelFile(folder, `${source}.onnx`);
    expect(statSync(join(folder, stored)).size).toBeGreaterThan(offset);
    expect(readStoredModel(folder, stored).initializers).toEqual(model.initializers);
    expect(() => readModel(onnx)).toThrow(/model\.data/);
  });
});
