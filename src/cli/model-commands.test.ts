import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runWords } from '../../testing/command-line.ts';
import { onnxModel, onnxNode } from '../../testing/onnx-models.ts';
import { writeModel } from '../core/onnx/write-model.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-model-'));
const file = path.join(folder, 'model.onnx');
const inputs = new Map([['x', { dtype: 'float32', shape: ['batch', 3] }]] as const);
const nodes = [onnxNode('Relu', ['x'], ['h']), onnxNode('Exp', ['h'], ['y'])];
writeFileSync(file, writeModel(onnxModel({ inputs, nodes, outputs: ['y'] })));
afterAll(() => rmSync(folder, { recursive: true }));

const whence = (...words: string[]) => runWords(words);

describe('whence model print', () => {
  it('prints the model in the file, whole or its first nodes', async () => {
    const whole = await whence('model', 'print', file);
    expect(whole).toMatchObject({ code: 0, err: '' });
    expect(whole.out).toContain('  x: float32[batch, 3]\n');
    expect(whole.out).toContain('  h = Relu(x)\n  y = Exp(h)\n');
    const first = await whence('model', 'print', file, '--nodes', '1');
    expect(first.out).toContain('  h = Relu(x)\n  … 1 more nodes\n');
  });

  it('prints what an image model becomes, for two images, every shape known', async () => {
    const image = path.join(folder, 'image.onnx');
    const images = new Map([['x', { dtype: 'float32', shape: ['batch', 3, 8, 8] }]] as const);
    const flat = [onnxNode('Flatten', ['x'], ['h']), onnxNode('Relu', ['h'], ['y'])];
    writeFileSync(image, writeModel(onnxModel({ inputs: images, nodes: flat, outputs: ['y'] })));
    const { code, out } = await whence('model', 'print', image, '--imported');
    expect(code).toBe(0);
    expect(out).toContain('x: float32[2,3,8,8] = input\n');
    expect(out).toMatch(/%\d+: float32\[2,192\] = Relu\(%\d+\)\nreturn %\d+\n/);
    const none = await whence('model', 'print', file, '--imported');
    expect(none).toMatchObject({ code: 1, out: '' });
    expect(none.err).toContain('x');
  });

  it('answers 1 to what is no model, and 2 to what is no count', async () => {
    const missing = await whence('model', 'print', path.join(folder, 'absent.onnx'));
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.err).toContain('absent.onnx');
    const count = await whence('model', 'print', file, '--nodes', 'some');
    expect(count.code).toBe(2);
    expect(count.err).toContain('Expected a whole number');
  });
});
