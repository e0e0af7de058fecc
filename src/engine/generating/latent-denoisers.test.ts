import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGenerativeProject, type GenerativeProject } from '../../../testing/generative-project.ts';
import { scalingFactor, writeLatentModel, type LatentModelFiles } from '../../../testing/latent-files.ts';
import { tinySize } from '../../../testing/stable-diffusion.ts';
import { DenoiserChoices } from '../../contract/denoiser-choices.ts';
import type { Run } from '../../contract/runs-service.ts';
import { CancelledError } from '../../core/base/app-error.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { classInput } from '../../core/nn/denoiser/u-net.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import { float32, numbersOf, tensorOf, type TensorType } from '../../core/tensor/tensor.ts';
import { readGroupAttribution } from '../storage/groups.ts';
import { listPresentSamples } from '../storage/labelled-samples.ts';
import { listTrainPaths } from '../storage/sample-paths.ts';
import { readQueries } from '../storage/queries.ts';
import { defineEach } from '../grouping/define-groups.ts';
import { readModelFile } from '../modelling/read-model-file.ts';
import { addDenoiser, type DenoiserFiles } from './add-denoiser.ts';
import { loadDenoiser, type LoadedDenoiser } from './loaded-denoiser.ts';
import { makeImages, toPixels } from './make-images.ts';
import { NoisyBatch } from './noisy-batch.ts';
import { addQueryFiles, readQuerySet } from './query-files.ts';

const lora = { parameters: 'lora', loraRank: 1, pattern: '*attn2*' } as const;

let project: GenerativeProject;
let files: LatentModelFiles;
let imported: Run;
let modelId: number;
let opened: string[] = [];
beforeAll(async () => {
  project = await makeGenerativeProject({
    train: 8,
    test: 4,
    classCount: 2,
    queries: 0,
    config: null,
    size: 16,
  });
  // The last has none.
  const captioned = listTrainPaths(project.folder.connection).slice(0, -1);
  const captions = captioned.map(
    ({ path }, place) => [path, place % 3 === 0 ? 'a bar' : `bar ${place % 3}`] as const,
  );
  files = writeLatentModel(dirname(project.sourcePath), new Map(captions));
  imported = await project.runHere(importOf(), { executor: watched() });
  modelId = imported.summary['modelId'] as number;
}, 120_000);
afterAll(() => project.remove());

function partOf(given: TensorType | undefined): string {
  if (given === undefined) return 'denoiser';
  if (given.dtype === 'int32') return 'text encoder';
  return given.shape.at(-1) === tinySize.autoencoder.pictureSide ? 'encoder' : 'decoder';
}

/** Keeps in `opened` which parts of the model are used. */
function watched(): Executor {
  const { executor } = project.tools;
  return {
    profile: executor.profile,
    open: (program) => {
      opened.push(partOf(program.inputs.get('given')));
      return executor.open(program);
    },
  };
}

function importOf(choices: Partial<DenoiserChoices> = {}, changes: Partial<DenoiserFiles> = {}) {
  const config = addDenoiser(
    project.folder,
    { embeddingsPath: null, ...files, ...changes },
    DenoiserChoices.parse({ ...lora, ...choices }),
  );
  return { kind: 'evaluate-denoiser', config };
}

const context = { signal: new AbortController().signal, progress: () => undefined };

async function withModel<Result>(
  use: (model: LoadedDenoiser) => Promise<Result> | Result,
  id = modelId,
): Promise<Result> {
  const model = await loadDenoiser(
    project.folder,
    id as never,
    { ...context, runId: imported.id },
    project.tools,
  );
  try {
    return await use(model);
  } finally {
    model.images.close();
  }
}

const traced = {
  kind: 'attribute-queries',
  config: { method: 'd-trak', timestepCount: 2, projectionSize: 16 },
};

describe('a latent model with an autoencoder', () => {
  it('is imported with its adapters, and shows pictures, not latents', () => {
    expect(imported.summary).toMatchObject({ imageSize: 16, trainCount: 8 });
    // Rank one, on queries, keys, values and outputs of all cross-attentions: three of width 8, one of 16 beside texts of 12.
    const [narrow, wide] = [16 + 20 + 20 + 16, 32 + 28 + 28 + 32];
    expect(imported.summary['parameterCount']).toBe(3 * narrow + wide);
    expect(imported.summary['loss']).toBeGreaterThan(0);
    expect(opened).toContain('encoder');
  });

  it('sees the scaled means of what the encoder says of each image', () =>
    withModel(async (model) => {
      const encoder = readModelFile(files.vaeEncoderPath);
      const { graph, outputs } = importModel(encoder, { inputShapes: new Map([['sample', [1, 3, 16, 16]]]) });
      const { id } = listPresentSamples(project.folder.connection)[3]!;
      const pixels = await project.tools.readPixels([id], { size: 16, channels: 3 });
      const sample = float32(
        [1, 3, 16, 16],
        Float32Array.from(pixels, (value) => value / 127.5 - 1),
      );
      const moments = numbersOf(interpret(graph, [...outputs.values()], { sample })[0]!);
      const [seen] = model.images.reader().read(Int32Array.of(3));
      expect(seen).toHaveLength(4 * 8 * 8);
      const scale = Math.max(...moments.map(Math.abs));
      for (const [place, value] of seen!.entries())
        expect(Math.abs(value - scalingFactor * moments[place]!)).toBeLessThan(1e-5 * scale);
    }));

  it('tells the denoiser of each image what the text encoder says of its caption, of none what it says of nothing', () =>
    withModel(({ denoiser, learned }) => {
      const captions = learned.map(({ classIndex }) => denoiser.texts!.texts[classIndex] ?? null);
      expect(captions).toEqual(['a bar', 'bar 1', 'bar 2', 'a bar', 'bar 1', 'bar 2', 'a bar', null]);
      const encoder = readModelFile(files.textEncoderPath);
      const { graph, outputs } = importModel(encoder, { inputShapes: new Map([['input_ids', [2, 8]]]) });
      // start, 'bar</w>', '1</w>', end and padding; and no text.
      const ids = [57, 53, 56, 58, 58, 58, 58, 58, 57, ...new Array<number>(7).fill(58)];
      const input_ids = tensorOf('int64', [2, 8], ids);
      const expected = numbersOf(interpret(graph, [...outputs.values()], { input_ids })[0]!);
      const batch = new NoisyBatch(denoiser, 2);
      batch.tell(0, 3, 1);
      batch.tell(1, 3, -1);
      const told = numbersOf(batch.told()[classInput]!);
      expect(told).toHaveLength(2 * 8 * 12);
      for (const [place, value] of told.entries()) expect(value).toBeCloseTo(expected[place]!, 4);
    }));

  it('encodes every image once: a second run reads what the first has kept', async () => {
    opened = [];
    await withModel(() => undefined);
    await project.runHere(importOf(), { executor: watched() });
    expect(new Set(opened)).toEqual(new Set(['denoiser']));
    // Scaled differently they are others.
    await project.runHere(importOf({ scalingFactor: 1 }), { executor: watched() });
    expect(opened).toContain('encoder');
  });

  it('says so when its images are encoded, and can be stopped while they are', async () => {
    const abort = new AbortController();
    const stages: string[] = [];
    const run = project.runHere(importOf({ scalingFactor: 2 }), {
      signal: abort.signal,
      onProgress: (stage) => {
        stages.push(stage);
        if (stage.startsWith('Encoding')) abort.abort();
      },
    });
    await expect(run).rejects.toThrow(CancelledError);
    expect(stages.at(-1)).toBe('Encoding images (8 of 12)');
    // What is whole is kept.
    const again: string[] = [];
    await project.runHere(importOf({ scalingFactor: 2 }), { onProgress: (stage) => again.push(stage) });
    expect(again).not.toContain('Encoding images (8 of 12)');
    expect(again).toContain('Encoding images (12 of 12)');
  });

  it('makes pictures: what its decoder says of the latents that it makes', async () => {
    const { id } = await project.runHere({ kind: 'sample-images', config: { count: 3, steps: 4, modelId } });
    const made = readQueries(project.folder.connection, []).filter(({ runId }) => runId === id);
    expect(made.map(({ place, generation }) => [place, generation['prompt']]).sort()).toEqual([
      [0, 'a bar'],
      [1, 'bar 1'],
      [2, 'bar 2'],
    ]);
    const first = made.find(({ place }) => place === 0)!;
    expect(first).toMatchObject({ width: 16, height: 16, classId: null });
    const { data, info } = await sharp(join(project.path, first.file))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 16, height: 16, channels: 3 });
    await withModel(async ({ codec, denoiser, average }) => {
      const plan = { sampler: 'ddim', steps: 4, seed: 0, indices: [0], classIndices: [0] } as const;
      const latents = await makeImages(project.tools.executor, denoiser, average, plan);
      // Nothing keeps latents within −1 … 1.
      expect(Math.max(...latents[0]!.map(Math.abs))).toBeGreaterThan(1.2);
      const planes = toPixels((await codec.decode(latents))[0]!);
      const interleaved = Array.from(
        { length: data.length },
        (_, at) => planes[(at % 3) * 256 + Math.floor(at / 3)],
      );
      expect([...data]).toEqual(interleaved);
    });
  });

  it('asks about a picture by its latents, whether it was made here or comes from a file', () =>
    withModel(async (model) => {
      const { file } = readQueries(project.folder.connection, [])[0]!;
      const { added } = await addQueryFiles(project.folder, [join(project.path, file)]);
      const asked = readQueries(project.folder.connection, []).filter(({ file: own }) => own === file);
      expect(asked.map(({ id }) => id)).toContain(added[0]);
      const { images } = await readQuerySet(project.folder, model, asked, context);
      expect(images[0]).toHaveLength(4 * 8 * 8);
      expect(images[1]).toEqual(images[0]);
    }));

  it('is told a prompt of one’s own, which stays with the picture', async () => {
    opened = [];
    const config = { count: 1, steps: 2, modelId, prompt: 'bar zero' };
    const { id } = await project.runHere({ kind: 'sample-images', config }, { executor: watched() });
    expect(opened).toContain('text encoder');
    const asked = readQueries(project.folder.connection, []).filter(({ runId }) => runId === id);
    opened = [];
    await withModel(async (model) => {
      const { classIndices } = await readQuerySet(project.folder, model, asked, context);
      expect(model.denoiser.texts!.texts[classIndices[0]!]).toBe('bar zero');
    });
  });

  it('is no other model that has the same adapters on other frozen parts: nothing kept of one serves the other', async () => {
    const { summary } = await project.runHere(importOf({ scalingFactor: 1 }));
    const other = await withModel((model) => model, summary['modelId'] as number);
    await withModel(({ parameters, parametersSha256, averageSha256 }) => {
      expect(other.parameters).toEqual(parameters);
      expect(other.parametersSha256).not.toBe(parametersSha256);
      expect(other.averageSha256).not.toBe(averageSha256);
    });
  });

  it('is traced by its adapters, and a second method needs no encoder', async () => {
    opened = [];
    const config = { ...traced.config, modelId };
    const first = await project.runHere({ ...traced, config }, { executor: watched() });
    expect(first.summary).toMatchObject({ trainCount: 8, featureLength: 16 });
    opened = [];
    await project.runHere({ ...traced, config: { ...config, method: 'pixel-cos' } }, { executor: watched() });
    expect(opened).not.toContain('encoder');
    expect(opened).not.toContain('text encoder');
  });

  it('is asked which groups stand behind a picture, by unlearning them', async () => {
    defineEach(project.folder.connection, { by: 'class', folderDepth: null });
    const choices = { steps: 2, batchSize: 4, controls: 3, timestepCount: 3, neighbours: 2 };
    const { id } = await project.runHere({
      kind: 'attribute-groups',
      config: { method: 'guda', modelId, ...choices },
    });
    const { queries, controls } = readGroupAttribution(project.folder.connection, id);
    expect(queries.flatMap(({ scores }) => scores.map(({ raw }) => raw)).every(Number.isFinite)).toBe(true);
    expect(controls.map(({ name }) => name)).toContain('unrelated-query');
    const kept = readdirSync(project.folder.cachePath).filter((name) => name.startsWith('pixels-'));
    // Pictures are not kept beside their latents.
    expect(kept).toEqual([]);
  });
});
