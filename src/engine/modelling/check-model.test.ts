import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { broughtModel, type BroughtModelOptions } from '../../../testing/brought-model.ts';
import { onnxModel, onnxNode } from '../../../testing/onnx-models.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { writeModel } from '../../core/onnx/write-model.ts';
import { checkModel } from './check-model.ts';

const home = mkdtempSync(join(tmpdir(), 'whence-check-'));
afterAll(() => rmSync(home, { recursive: true }));

function check(model: OnnxModel, imageSize = 0) {
  const path = join(home, 'model.onnx');
  writeFileSync(path, writeModel(model));
  return checkModel({ path, imageSize, batchSize: 4 });
}
const checkBrought = (options: BroughtModelOptions) => check(broughtModel(options));

describe('a model file', () => {
  it('of a classifier can be used for everything, with its layers told by kind', () => {
    const report = checkBrought({});
    expect(report.uses.map(({ use, possible }) => [use, possible])).toEqual(
      ['predict', 'embed', 'train', 'attribute', 'second-order'].map((use) => [use, true]),
    );
    expect(report.parameters.byKind).toEqual([
      { kind: 'convolution', layers: 1, count: 40 },
      { kind: 'linear', layers: 1, count: 15 },
    ]);
    expect(report.parameters.layers.map(({ name }) => name)).toEqual(['conv', 'head']);
    expect(report.classCount).toBe(3);
    expect(report.memory!.featureBytes).toBeGreaterThan(0);
    expect(report.suggestion).toMatchObject({ output: 'logits', outputKind: 'logits', imageSize: 16 });
  });

  it('says which of its outputs are probabilities and which an embedding', () => {
    const { outputs, suggestion } = checkBrought({ softmax: true, embedding: true });
    expect(outputs.map(({ name, role }) => [name, role])).toEqual([
      ['probabilities', 'probabilities'],
      ['embedding', 'embedding'],
    ]);
    expect(suggestion).toMatchObject({ outputKind: 'probabilities', embedding: 'embedding' });
  });

  it('takes channels first or last, and a size that is given or free', () => {
    expect(checkBrought({ layout: 'nhwc', channels: 3 }).image).toMatchObject({
      layout: 'nhwc',
      channels: 3,
      size: 16,
    });
    const free = check(broughtModel({ size: null }), 32);
    expect(free.image).toMatchObject({ size: null });
    expect(free.memory).toMatchObject({ imageSize: 32 });
    const larger = check(broughtModel({ size: null }), 64);
    expect(larger.memory!.trainingBytes).toBeGreaterThan(2 * free.memory!.trainingBytes);
  });

  it('lists every node that cannot be read, and is used as far as it can be', () => {
    const report = checkBrought({ strangeOutput: true });
    expect(report.refusals).toMatchObject([{ op: 'NeverHeardOf' }]);
    expect(report.uses.every(({ possible }) => possible)).toBe(true);
    expect(report.advice.join()).toContain('NeverHeardOf');
  });

  it('from which nothing can be had says so for every unknown operator at once', () => {
    const inputs = new Map([['x', { dtype: 'float32', shape: ['n', 3, 8, 8] }]] as const);
    const nodes = [onnxNode('Odd', ['x'], ['a']), onnxNode('Odder', ['a'], ['y'])];
    const report = check(onnxModel({ inputs, nodes, outputs: ['y'] }));
    expect(report.refusals.map(({ op }) => op)).toEqual(['Odd', 'Odder']);
    expect(report.suggestion).toBeNull();
    expect(report.uses.some(({ possible }) => possible)).toBe(false);
  });

  it('that takes no images, or not square ones, says what is expected', () => {
    const inputs = new Map([['words', { dtype: 'int64', shape: ['n', 12] }]] as const);
    const report = check(
      onnxModel({ inputs, nodes: [onnxNode('Identity', ['words'], ['y'])], outputs: ['y'] }),
    );
    expect(report.image).toBeNull();
    expect(report.advice[0]).toContain('float images are expected');
  });

  it('that is a backbone is suggested with a new head', () => {
    const model = broughtModel({ embedding: true });
    const report = check({ ...model, outputs: new Map([['embedding', null]]) });
    expect(report.suggestion).toMatchObject({ newHead: true, output: 'embedding' });
    expect(report.uses.find(({ use }) => use === 'predict')?.possible).toBe(false);
    expect(report.uses.find(({ use }) => use === 'train')?.possible).toBe(true);
  });
});
