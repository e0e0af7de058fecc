import { describe, expect, it } from 'vitest';
import { latentDecoder, latentEncoder, textEncoder, tinySize } from '../../../testing/stable-diffusion.ts';
import { onnxModel, onnxNode } from '../../../testing/onnx-models.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { describeAutoencoder } from './describe-autoencoder.ts';
import { describeTextEncoder } from './describe-text-encoder.ts';

const sizes = tinySize.autoencoder;
const [encoder, decoder] = [latentEncoder(sizes), latentDecoder(sizes)];

interface Parts {
  readonly encoder?: OnnxModel;
  readonly decoder?: OnnxModel;
  /** Of the denoiser. */
  readonly channels?: number;
  readonly size?: number | null;
  readonly pictureSide?: number;
}

function described(parts: Parts = {}) {
  const given = {
    encoder: { file: 'encoder', model: parts.encoder ?? encoder },
    decoder: { file: 'decoder', model: parts.decoder ?? decoder },
    ...{ scalingFactor: 0.5, shiftFactor: 0.1 },
  };
  const image = { channels: parts.channels ?? 4, size: parts.size === undefined ? 8 : parts.size };
  return describeAutoencoder(given, image, parts.pictureSide ?? 0);
}

/** The same half with a picture's side left free. */
function free({ inputs, ...rest }: OnnxModel): OnnxModel {
  const open = [...inputs].map(
    ([name, type]) => [name, { ...type, shape: ['batch', type.shape![1]!, 'height', 'width'] }] as const,
  );
  return { ...rest, inputs: new Map(open) };
}

/** Takes the mean of 2 × 2 pixels, whatever the size; three channels. */
const pooling = onnxModel({
  inputs: new Map([['picture', { dtype: 'float32', shape: ['batch', 3, 'height', 'width'] }]]),
  nodes: [
    onnxNode('MaxPool', ['picture'], ['code'], {
      kernel_shape: { kind: 'ints', value: [2, 2] },
      strides: { kind: 'ints', value: [2, 2] },
    }),
  ],
  outputs: ['code'],
});

describe('an autoencoder in front of a denoiser', () => {
  it('is recognised: tensors, sizes of pictures and latents', () => {
    expect(described()).toEqual({
      side: 8,
      latents: {
        encoder: { file: 'encoder', input: 'sample', output: 'latent_parameters' },
        decoder: { file: 'decoder', input: 'latent_sample', output: 'sample' },
        ...{ scalingFactor: 0.5, shiftFactor: 0.1, pictureSize: 16, pictureChannels: 3 },
      },
    });
    expect(described({ size: null }).side).toBe(8);
  });

  it.each([
    [{ channels: 16 }, /makes \[8, 8, 8\], where latents of the denoiser’s 16 channels/],
    [{ size: 12 }, /latents of 8 × 8, and the denoiser takes 12 × 12. Try --image-size 24/],
    [{ pictureSide: 32 }, /pictures of 16 pixels only, not of 32/],
    [{ encoder: decoder }, /has 4 channels, where pictures .* wrong way round/],
    [{ decoder: latentDecoder({ ...sizes, levels: [8, 8, 8] }) }, /latent_sample|the VAE decoder makes/],
    [{ encoder: textEncoder(tinySize.text) }, /takes input_ids .*one input of pictures/],
    [{ encoder: free(pooling), channels: 3, size: null }, /say it with --image-size/],
  ] as const)('that does not fit is refused with what came and what was expected (%#)', (parts, reason) => {
    expect(() => described(parts)).toThrow(reason);
  });

  it('whose pictures may have any size takes them at the size that the denoiser wants, or that a person says', () => {
    const parts = { encoder: pooling, decoder: { ...decoder }, channels: 3 };
    // The decoder does not belong to it, which is found out last.
    expect(() => described({ ...parts, size: 8 })).toThrow(/of latents \[3, 8, 8\]|latent_sample/);
    expect(() => described({ ...parts, size: 8, pictureSide: 32 })).toThrow(/16 × 16.*--image-size 16/);
  });
});

describe('a text encoder', () => {
  const text = textEncoder(tinySize.text);

  it('is recognised by its tokens and a vector for each', () => {
    expect(describeTextEncoder(text, 8)).toEqual({
      input: 'input_ids',
      output: 'last_hidden_state',
      shape: [8, 12],
    });
  });

  it.each([
    [text, 77, /takes 8 tokens, and the tokenizer makes 77/],
    [encoder, 8, /takes sample float32 .*input_ids as its only input/],
    [
      { ...text, inputs: new Map([...text.inputs, ['attention_mask', text.inputs.get('input_ids')!]]) },
      8,
      /attention_mask/,
    ],
  ] as const)('that cannot be used is refused with the reason (%#)', (model, length, reason) => {
    expect(() => describeTextEncoder(model, length)).toThrow(reason);
  });
});
