import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exportedDenoiser, smallDenoiser, textDenoiser } from '../../../testing/brought-denoiser.ts';
import { makeDenoiser } from '../../../testing/denoisers.ts';
import { drawParameters } from '../../../testing/networks.ts';
import { npyBytes } from '../../../testing/npy-writer.ts';
import { buildSchedule, usualSchedule } from '../../core/diffusion/noise-schedule.ts';
import type { Network } from '../../core/nn/network.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { writeModel } from '../../core/onnx/write-model.ts';
import type { DenoiserDescription } from '../generating/denoiser-description.ts';
import type { DenoiserFile } from '../modelling/denoiser-file.ts';
import { classPrototypes } from './class-prototypes.ts';

const folder = mkdtempSync(join(tmpdir(), 'whence-prototypes-'));
mkdirSync(join(folder, 'models'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const network = makeDenoiser({ classCount: 3 });
const parameters = drawParameters(network);
const { offset } = network.parameters.find(({ name }) => name === 'class.weight')!;
const learned = [0, 1, 2].map((row) =>
  Array.from(parameters.subarray(offset + 64 * row, offset + 64 * (row + 1))),
);

function prototypesOf(described: DenoiserDescription['network'], of: Network = network): number[][] | null {
  const schedule = usualSchedule('cosine', 50);
  const found = classPrototypes(folder, {
    description: { network: described, schedule, prediction: 'epsilon' },
    denoiser: { network: of, schedule: buildSchedule(schedule), prediction: 'epsilon', classCount: 3 },
    average: parameters,
  });
  return found?.map((row) => Array.from(row)) ?? null;
}

/** Of a file that is told its classes in this way; `labels` are in another order than in the file. */
function broughtPrototypes(
  model: OnnxModel,
  told: Partial<NonNullable<DenoiserFile['condition']>>,
): number[][] | null {
  writeFileSync(join(folder, 'models/unet.onnx'), writeModel(model));
  return prototypesOf({
    ...{
      file: 'models/unet.onnx',
      channels: 1,
      imageSize: 8,
      layout: 'nchw',
      trained: [],
      loraRank: null,
      latents: null,
    },
    ...{ input: 'sample', timestep: 'timestep', output: 'noise_pred' },
    condition: {
      ...{ input: 'class_labels', kind: 'number', shape: [], labels: [2, 0, 1] },
      ...{ absentClass: null, embeddings: null, text: null },
      ...told,
    },
  });
}

describe('what stands for a class', () => {
  it('is what a built-in network learned of it', () => {
    const size = { architecture: 'ddpm-tiny', channels: 1, imageSize: 8, dropout: 0 } as const;
    expect(prototypesOf({ ...size, classCount: 3 })).toEqual(learned);
    expect(prototypesOf({ ...size, classCount: 0 }, makeDenoiser())).toBeNull();
  });

  it('is the row in which a file looks its number up', () => {
    const identity = [0, 1, 2].map((row) => [0, 1, 2].map((column) => (row === column ? 1 : 0)));
    expect(broughtPrototypes(exportedDenoiser(network, parameters), {})).toEqual(
      [2, 0, 1].map((label) => identity[label]),
    );
    const model = textDenoiser(4);
    expect(broughtPrototypes(model, { input: 'sample' })).toBeNull();
  });

  it('is the mean of the tokens of its embedding', () => {
    const embeddings = Float32Array.from({ length: 3 * 2 * 4 }, (_, index) => index);
    writeFileSync(join(folder, 'texts.npy'), npyBytes('<f4', '3, 2, 4', embeddings));
    const told = { input: 'encoder_hidden_states', kind: 'embedding' as const, shape: [2, 4] };
    expect(broughtPrototypes(textDenoiser(4), { ...told, embeddings: 'texts.npy' })).toEqual(
      [2, 0, 1].map((label) => [0, 1, 2, 3].map((column) => 8 * label + 2 + column)),
    );
  });

  it('is not known of a file that is told one-hot rows', () => {
    expect(broughtPrototypes(smallDenoiser(3), { input: 'y', kind: 'one-hot', shape: [3] })).toBeNull();
  });
});
