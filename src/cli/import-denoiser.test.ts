import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { exportedDenoiser, smallDenoiser, textDenoiser } from '../../testing/brought-denoiser.ts';
import { makeDenoiser } from '../../testing/denoisers.ts';
import { writeLatentModel } from '../../testing/latent-files.ts';
import { npyBytes } from '../../testing/npy-writer.ts';
import { drawParameters } from '../../testing/networks.ts';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';
import { writeModel } from '../core/onnx/write-model.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-denoiser-'));
const project = path.join(folder, 'shapes.whence');
const [unet, small, schedule] = ['unet.onnx', 'small.onnx', 'scheduler_config.json'].map((name) =>
  path.join(folder, name),
) as [string, string, string];

const whence = (...words: string[]) => runWords([...words, '--project', project, '--json']);

/** The final figures of a command that must succeed. */
async function summaryOf(...words: string[]): Promise<Record<string, unknown>> {
  const { run } = await readAnswer<{ run: { summary: Record<string, unknown> } }>(whence(...words));
  return run.summary;
}

describe('whence model import', () => {
  let leaveHome: () => void;

  beforeAll(async () => {
    leaveHome = useHome(path.join(folder, 'home'));
    const source = path.join(folder, 'shapes');
    const shapes = { classCount: 3, size: 8, flippedShare: 0 };
    await writeShapeFolder(path.join(source, 'train'), { ...shapes, count: 24, seed: 1 });
    await writeShapeFolder(path.join(source, 'test'), { ...shapes, count: 6, seed: 2 });
    expect((await whence('import', source)).code).toBe(0);
    const network = makeDenoiser({ classCount: 3 });
    writeFileSync(unet, writeModel(exportedDenoiser(network, drawParameters(network))));
    writeFileSync(small, writeModel(smallDenoiser(3)));
    const told = { num_train_timesteps: 100, beta_schedule: 'squaredcos_cap_v2' };
    writeFileSync(schedule, JSON.stringify(told));
  });
  afterAll(() => {
    leaveHome();
    rmSync(folder, { recursive: true });
  });

  it('makes a model that images are made with and traced by, and groups too', async () => {
    const added = await summaryOf('model', 'import', unet, '--schedule', schedule, '--head', 'epsilon');
    expect(added).toMatchObject({ modelId: 1, imageSize: 8, trainCount: 24 });
    expect(added['hint']).toContain('learned all 24 images');
    expect(added['heldOutLoss']).toBeGreaterThan(0);
    const made = await summaryOf('sample', '--count', '3', '--steps', '4');
    expect(made).toMatchObject({ modelId: 1, images: 3 });
    const traced = await summaryOf(
      ...['attribute', '--method', 'd-trak', '--timestep-count', '2', '--projection-size', '32'],
    );
    expect(traced).toMatchObject({ queries: 3, trainCount: 24, featureLength: 32 });
    expect((await whence('groups', 'define', '--by', 'class')).code).toBe(0);
    const guda = ['--steps', '2', '--batch-size', '4', '--controls', '2', '--timestep-count', '3'];
    const grouped = await summaryOf('groups', 'attribute', '--method', 'guda', ...guda);
    expect(grouped).toMatchObject({ modelId: 1 });
    const retrained = await whence('groups', 'attribute', '--method', 'logo', ...guda);
    expect(retrained.code).toBe(1);
    expect(retrained.err).toContain('it was trained elsewhere');
  });

  it.each(['v', 'x0'])(
    'takes a model that predicts %s, with adapters alone to be traced by',
    async (head) => {
      const added = await summaryOf(
        ...['model', 'import', small, '--schedule', schedule, '--head', head, '--image-size', '8'],
        ...['--parameters', 'lora', '--lora-rank', '2', '--pattern', 'last.*'],
      );
      // 2 × (2 + 4·9): up and down of the last convolution.
      expect(added).toMatchObject({ parameterCount: 76 });
      expect(added['hint']).toContain('hardly better than nothing');
      await summaryOf('sample', '--count', '2', '--steps', '4', '--seed', '7');
      const traced = await summaryOf(
        'attribute',
        '--method',
        'd-trak',
        '--timestep-count',
        '2',
        '--projection-size',
        '16',
      );
      expect(traced).toMatchObject({ modelId: added['modelId'], trainCount: 24 });
    },
  );

  it('takes a model that is told texts, with their embeddings, and is traced by adapters on its attention', async () => {
    const file = path.join(folder, 'text.onnx');
    const texts = path.join(folder, 'texts.npy');
    writeFileSync(file, writeModel(textDenoiser(5)));
    const numbers = Float32Array.from({ length: 40 }, (_, index) => Math.sin(index));
    writeFileSync(texts, npyBytes('<f4', '4, 2, 5', numbers));
    const added = await summaryOf(
      ...['model', 'import', file, '--schedule', schedule, '--head', 'epsilon', '--embeddings', texts],
      ...['--absent-class', '3', '--parameters', 'lora', '--lora-rank', '1', '--pattern', 'attn.*'],
    );
    // Up and down of rank one: two weights [4, 4] and two [5, 4].
    expect(added).toMatchObject({ parameterCount: 34 });
    await summaryOf('sample', '--count', '2', '--steps', '4', '--seed', '9');
    const traced = await summaryOf(
      ...['attribute', '--method', 'd-trak', '--timestep-count', '2', '--projection-size', '16'],
    );
    expect(traced).toMatchObject({ modelId: added['modelId'], trainCount: 24 });
    const grouped = await summaryOf(
      ...['groups', 'attribute', '--method', 'guda', '--target', 'anchor', '--steps', '2'],
      ...['--batch-size', '4', '--controls', '0', '--timestep-count', '2'],
    );
    expect(grouped).toMatchObject({ modelId: added['modelId'], groups: 3 });
  });

  it('takes a latent model part by part, makes pictures of a prompt with it', async () => {
    const parts = path.join(folder, 'parts');
    mkdirSync(parts);
    const captions = new Map([['bar-0/0000.png', 'a bar']]);
    const files = writeLatentModel(parts, captions);
    const added = await summaryOf(
      ...['model', 'import', files.path, '--schedule', files.schedulePath],
      ...['--vae-encoder', files.vaeEncoderPath, '--vae-decoder', files.vaeDecoderPath],
      ...['--vae-config', files.vaeConfigPath, '--text-encoder', files.textEncoderPath],
      ...['--tokenizer', files.tokenizerPath, '--captions', files.captionsPath],
      ...['--parameters', 'lora', '--lora-rank', '1', '--pattern', '*attn2*'],
    );
    // Of the pictures, not of their latents.
    expect(added).toMatchObject({ imageSize: 16, trainCount: 24 });
    const made = await summaryOf('sample', '--count', '1', '--steps', '2', '--prompt', 'a bar or two');
    expect(made).toMatchObject({ modelId: added['modelId'], images: 1 });
    const untold = await whence('sample', '--count', '1', '--model-id', '1', '--prompt', 'a bar');
    expect(untold.err).toContain('no text encoder');
  });

  it('refuses what does not fit, before anything is made', async () => {
    const unsaid = await whence('model', 'import', small, '--schedule', schedule);
    expect(unsaid.err).toContain('choose the head');
    const told = path.join(folder, 'v.json');
    writeFileSync(told, JSON.stringify({ kind: 'cosine', steps: 50, prediction: 'v' }));
    const other = await whence('model', 'import', small, '--schedule', told, '--head', 'x0');
    expect(other.err).toContain('predicts v, and x0 was chosen');
    const broken = await whence('model', 'import', small, '--schedule', small, '--head', 'v');
    expect(broken.err).toContain('no JSON');
    expect([unsaid.code, other.code, broken.code]).toEqual([1, 1, 1]);
  });

  it('is never told a class that an image does not have', async () => {
    const picture = path.join(folder, 'shapes/test/bar-0');
    const [file] = readdirSync(picture);
    expect((await whence('queries', 'add', path.join(picture, file!))).code).toBe(0);
    const asked = await whence(
      'attribute',
      '--model-id',
      '1',
      '--method',
      'd-trak',
      '--timestep-count',
      '2',
      '--projection-size',
      '16',
    );
    expect(asked.code).toBe(1);
    expect(asked.err).toContain('--absent-class');
  });
});
