/** @file The parts of a small latent diffusion model in a folder, as somebody might have exported them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { OnnxModel } from '../src/core/onnx/model.ts';
import { writeModel } from '../src/core/onnx/write-model.ts';
import { latentDecoder, latentEncoder, latentUNet, textEncoder, tinySize } from './stable-diffusion.ts';

/** As of Stable Diffusion 1.5, with fewer steps. */
const scheduler = {
  ...{ num_train_timesteps: 50, beta_schedule: 'scaled_linear', beta_start: 0.017, beta_end: 0.24 },
  prediction_type: 'epsilon',
};

export const scalingFactor = 0.18215;

export interface LatentModelFiles {
  readonly path: string;
  readonly schedulePath: string;
  readonly vaeEncoderPath: string;
  readonly vaeDecoderPath: string;
  readonly vaeConfigPath: string;
  readonly textEncoderPath: string;
  readonly tokenizerPath: string;
  readonly captionsPath: string;
}

/** `captions`: of images, by their path. */
export function writeLatentModel(folder: string, captions: ReadonlyMap<string, string>): LatentModelFiles {
  const rows = [...captions].map(([file, text]) => `${file},"${text}"`);
  return {
    path: writeOnnx(folder, 'unet', latentUNet(tinySize.unet)),
    schedulePath: write(folder, 'scheduler_config.json', JSON.stringify(scheduler)),
    vaeEncoderPath: writeOnnx(folder, 'vae_encoder', latentEncoder(tinySize.autoencoder)),
    vaeDecoderPath: writeOnnx(folder, 'vae_decoder', latentDecoder(tinySize.autoencoder)),
    vaeConfigPath: write(folder, 'vae.json', JSON.stringify({ scaling_factor: scalingFactor })),
    textEncoderPath: writeOnnx(folder, 'text_encoder', textEncoder(tinySize.text)),
    tokenizerPath: writeTokenizer(folder),
    captionsPath: write(folder, 'captions.csv', ['file_name,text', ...rows].join('\n')),
  };
}

/** Letters, alone and at the end of words; 'bar' as one token. */
function writeTokenizer(parent: string): string {
  const folder = path.join(parent, 'tokenizer');
  mkdirSync(folder, { recursive: true });
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
  const tokens = [
    ...letters,
    ...letters.map((letter) => `${letter}</w>`),
    'ba',
    'bar</w>',
    '-</w>',
    '0</w>',
    '1</w>',
  ];
  const special = ['<|startoftext|>', '<|endoftext|>'];
  const vocabulary = Object.fromEntries([...tokens, ...special].map((token, number) => [token, number]));
  write(folder, 'vocab.json', JSON.stringify(vocabulary));
  write(folder, 'merges.txt', '#version: 0.2\nb a\nba r</w>\n');
  write(folder, 'tokenizer_config.json', JSON.stringify({ model_max_length: tinySize.text.tokens }));
  return folder;
}

export function writeOnnx(folder: string, name: string, model: OnnxModel): string {
  return write(folder, `${name}.onnx`, writeModel(model));
}

function write(folder: string, name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}
