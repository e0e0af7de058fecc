import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeLatentModel, type LatentModelFiles } from '../../../testing/latent-files.ts';
import { makeShapesProject, type ShapesProject } from '../../../testing/shapes-project.ts';
import { DenoiserChoices } from '../../contract/denoiser-choices.ts';
import { listPresentSamples } from '../storage/labelled-samples.ts';
import { listTrainPaths } from '../storage/sample-paths.ts';
import { addDenoiser, type DenoiserFiles } from './add-denoiser.ts';
import { prepareDenoiser } from './brought-denoiser.ts';
import { latentScale } from './read-vae-config.ts';
import { readTexts } from './text-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'whence-latent-'));
let project: ShapesProject;
let files: LatentModelFiles;
beforeAll(async () => {
  project = await makeShapesProject({ train: 4, test: 2, classCount: 2 });
  files = writeLatentModel(dirname(project.sourcePath), new Map([['bar-0/0000.png', 'a bar']]));
}, 60_000);
afterAll(() => {
  project.remove();
  rmSync(folder, { recursive: true });
});

function add(changes: Partial<DenoiserFiles> = {}, choices: Partial<DenoiserChoices> = {}) {
  return addDenoiser(
    project.folder,
    { embeddingsPath: null, ...files, ...changes },
    DenoiserChoices.parse(choices),
  );
}

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the scale of latents', () => {
  const unsaid = { scalingFactor: null, shiftFactor: null };

  it('is what a person says, else what the configuration says', () => {
    const path = write('vae.json', {
      _class_name: 'AutoencoderKL',
      scaling_factor: 0.3611,
      shift_factor: 0.1159,
    });
    expect(latentScale(path, unsaid)).toEqual({ scalingFactor: 0.3611, shiftFactor: 0.1159 });
    expect(latentScale(path, { scalingFactor: 2, shiftFactor: 0 })).toEqual({
      scalingFactor: 2,
      shiftFactor: 0,
    });
    expect(latentScale(null, { scalingFactor: 2, shiftFactor: null })).toEqual({
      scalingFactor: 2,
      shiftFactor: 0,
    });
  });

  it.each([
    [null, /--vae-config.*--scaling-factor/],
    [{}, /--vae-config.*--scaling-factor/],
    [{ scaling_factor: -1 }, /scaling_factor/],
    [{ scaling_factor: 1, latents_mean: [0, 0] }, /latents_mean.*not supported/],
    ['{', /no JSON/],
  ])('is asked for or refused with the reason where neither does (%#)', (content, reason) => {
    expect(() => latentScale(content === null ? null : write('other.json', content), unsaid)).toThrow(reason);
  });
});

describe('the texts of a model', () => {
  it('are those of a table, found by the ends of their paths', () => {
    const { text } = add();
    const { texts, ofSamples } = readTexts(project.path, text!.texts);
    expect(texts).toEqual(['a bar']);
    const paths = new Map(listTrainPaths(project.folder.connection).map(({ id, path }) => [id, path]));
    // Both splits have an image of that name.
    expect(ofSamples!.map(([id]) => paths.get(id)).filter((path) => path !== undefined)).toEqual([
      'train/bar-0/0000.png',
    ]);
  });

  it('are made of classes by a template where there is no table', () => {
    const config = add({ captionsPath: null }, { captionTemplate: 'a photo of {class}' });
    expect(readTexts(project.path, config.text!.texts)).toEqual({
      texts: ['a photo of bar-0', 'a photo of bar-1'],
      ofSamples: null,
    });
    const { labels, classIds } = prepareDenoiser(project.folder, config);
    const samples = listPresentSamples(project.folder.connection);
    expect(Array.from(labels, (label) => classIds[label])).toEqual(samples.map(({ label }) => label));
  });
});

describe('parts that cannot be used', () => {
  it.each([
    [{ vaeDecoderPath: null }, {}, /two halves.*--vae-encoder.*--vae-decoder/],
    [{ vaeEncoderPath: null, vaeDecoderPath: null }, {}, /4 channels.*--vae-encoder and --vae-decoder/],
    [{ vaeConfigPath: null }, {}, /--scaling-factor/],
    [{ tokenizerPath: null }, {}, /both --text-encoder and --tokenizer/],
    [{ textEncoderPath: null, tokenizerPath: null }, {}, /both --text-encoder and --tokenizer/],
    [{ textEncoderPath: null, tokenizerPath: null, captionsPath: null }, {}, /the embedding of each class/],
    [{ tokenizerPath: folder }, {}, /holds no vocab\.json/],
    [{ captionsPath: null }, { captionTemplate: 'a photo' }, /write \{class\}/],
    [{ embeddingsPath: 'texts.npy' }, {}, /either --text-encoder or --embeddings/],
    [{}, { imageSize: 64 }, /pictures of 16 pixels only, not of 64/],
  ] as const)('are refused with what is expected (%#)', (changes, choices, reason) => {
    expect(() => add(changes, choices)).toThrow(reason);
  });

  it('are captions of other images, or a table without texts', () => {
    const other = write('captions.csv', 'file_name,text\nelsewhere.png,"a bar"\n');
    expect(() => add({ captionsPath: other })).toThrow(
      /none of its 1 paths \(elsewhere\.png, …\).*test\/bar-0/,
    );
    const blank = write('blank.csv', 'file_name,colour\nelsewhere.png,red\n');
    expect(() => add({ captionsPath: blank })).toThrow(
      /none of its columns \(file_name, colour\) is called text, caption/,
    );
    expect(() => add({ captionsPath: join(folder, 'none.csv') })).toThrow(/none\.csv/);
  });
});
