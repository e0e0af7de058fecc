/**
 * @file The parts of Stable Diffusion (Rombach et al. 2022) as ONNX files, in any size: U-Net with cross-attention, the two halves of its autoencoder, text
 * encoder. At the real size their parameters are counted, and what they would take is estimated; tests use tiny ones with the same operators.
 */
import { intAttribute, type OnnxModel } from '../src/core/onnx/model.ts';
import { LayerWriter, type DrawWeight, type FeatureMap } from './layer-writer.ts';

export interface UNetSize {
  /** Of the latents. */
  readonly channels: number;
  readonly side: number;
  /** Channels of each level; all but the last have attention. */
  readonly levels: readonly number[];
  readonly layers: number;
  readonly groups: number;
  readonly heads: number;
  readonly tokens: number;
  readonly textWidth: number;
}

export interface AutoencoderSize {
  readonly pictureSide: number;
  readonly latentChannels: number;
  readonly levels: readonly number[];
  readonly layers: number;
  readonly groups: number;
}

export interface TextEncoderSize {
  readonly words: number;
  readonly tokens: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/** Stable Diffusion 1.5. */
export const realSize = {
  unet: {
    ...{ channels: 4, side: 64, levels: [320, 640, 1280, 1280], layers: 2, groups: 32 },
    ...{ heads: 8, tokens: 77, textWidth: 768 },
  },
  autoencoder: { pictureSide: 512, latentChannels: 4, levels: [128, 256, 512, 512], layers: 2, groups: 32 },
  text: { words: 49_408, tokens: 77, width: 768, layers: 12, heads: 12 },
} as const satisfies StableDiffusionSize;

/** Pictures of 16 pixels, latents of 8. */
export const tinySize = {
  unet: {
    ...{ channels: 4, side: 8, levels: [8, 16], layers: 1, groups: 4 },
    ...{ heads: 2, tokens: 8, textWidth: 12 },
  },
  autoencoder: { pictureSide: 16, latentChannels: 4, levels: [8, 8], layers: 1, groups: 4 },
  text: { words: 64, tokens: 8, width: 12, layers: 2, heads: 2 },
} as const satisfies StableDiffusionSize;

interface StableDiffusionSize {
  readonly unet: UNetSize;
  readonly autoencoder: AutoencoderSize;
  readonly text: TextEncoderSize;
}

/** Inputs `sample`, `timestep` (a whole number, for all images or for each), `encoder_hidden_states`; output `out_sample`. */
export function latentUNet(size: UNetSize, draw?: DrawWeight): OnnxModel {
  const { channels, side, levels, tokens, textWidth, groups } = size;
  const net = new UNetWriter(size, draw);
  const { writer } = net;
  const sample = writer.input('sample', 'float32', ['batch', channels, side, side]);
  const timestep = writer.input('timestep', 'int64', ['steps']);
  const text = writer.input('encoder_hidden_states', 'float32', ['batch', tokens, textWidth]);
  const time = net.time(timestep, sample);
  let map = writer.convolution({ name: sample, channels, side }, 'conv_in', levels[0]!);
  const skips = [map];
  for (const [level, width] of levels.entries()) {
    const isLast = level === levels.length - 1;
    for (let layer = 0; layer < size.layers; layer++) {
      const name = `down_blocks.${level}`;
      map = net.block(map, `${name}.resnets.${layer}`, width, time);
      if (!isLast) map = net.transformer(map, `${name}.attentions.${layer}`, text);
      skips.push(map);
    }
    if (isLast) continue;
    map = writer.convolution(map, `down_blocks.${level}.downsamplers.0.conv`, width, { stride: 2 });
    skips.push(map);
  }
  map = net.block(map, 'mid_block.resnets.0', map.channels, time);
  map = net.transformer(map, 'mid_block.attentions.0', text);
  map = net.block(map, 'mid_block.resnets.1', map.channels, time);
  for (const [level, width] of levels.toReversed().entries()) {
    for (let layer = 0; layer <= size.layers; layer++) {
      const name = `up_blocks.${level}`;
      map = net.block(writer.concat(map, skips.pop()!), `${name}.resnets.${layer}`, width, time);
      if (level > 0) map = net.transformer(map, `${name}.attentions.${layer}`, text);
    }
    if (level < levels.length - 1)
      map = writer.convolution(writer.enlarge(map), `up_blocks.${level}.upsamplers.0.conv`, width);
  }
  const normal = writer.groupNorm(map, 'conv_norm_out', groups, 1e-5);
  const said = writer.convolution({ ...normal, name: writer.silu(normal.name) }, 'conv_out', channels);
  return writer.finish(said.name, 'out_sample');
}

class UNetWriter {
  readonly writer: LayerWriter;
  readonly #size: UNetSize;

  constructor(size: UNetSize, draw?: DrawWeight) {
    this.writer = new LayerWriter(draw);
    this.#size = size;
  }

  get #timeWidth(): number {
    return 4 * this.#size.levels[0]!;
  }

  /** Sines and cosines of the step, through two layers: [batch, 4 · levels[0]]. */
  time(timestep: string, sample: string): string {
    const { writer } = this;
    const half = this.#size.levels[0]! / 2;
    const frequencies = Float32Array.from({ length: half }, (_, place) => 10_000 ** (-place / half));
    const batch = writer.node('Gather', [writer.node('Shape', [sample]), writer.whole(0)]);
    const each = writer.node('Expand', [timestep, batch]);
    const column = writer.node('Unsqueeze', [each, writer.whole(1)]);
    const real = writer.node('Cast', [column], { to: intAttribute(1) });
    const angles = writer.node('Mul', [real, writer.constant('frequencies', [1, half], frequencies)]);
    const waves = writer.node('Concat', [writer.node('Cos', [angles]), writer.node('Sin', [angles])], {
      axis: intAttribute(-1),
    });
    const wide = writer.linear(waves, 'time_embedding.linear_1', 2 * half, this.#timeWidth);
    return writer.linear(writer.silu(wide), 'time_embedding.linear_2', this.#timeWidth, this.#timeWidth);
  }

  block(map: FeatureMap, name: string, channels: number, time: string): FeatureMap {
    const shift = (inner: FeatureMap): FeatureMap => {
      const { writer } = this;
      const told = writer.linear(writer.silu(time), `${name}.time_emb_proj`, this.#timeWidth, channels);
      const planes = writer.node('Unsqueeze', [told, writer.whole(2, 3)]);
      return { ...inner, name: writer.node('Add', [inner.name, planes]) };
    };
    return residualBlock(this.writer, map, name, channels, {
      groups: this.#size.groups,
      epsilon: 1e-5,
      shift,
    });
  }

  /** Self-attention, cross-attention to the text, and a gated layer, on the places of a map. */
  transformer(map: FeatureMap, name: string, text: string): FeatureMap {
    const { writer } = this;
    const { heads, textWidth, groups } = this.#size;
    const { channels: width, side } = map;
    const normal = writer.groupNorm(map, `${name}.norm`, groups, 1e-6);
    const inside = writer.convolution(normal, `${name}.proj_in`, width, { size: 1 });
    const block = `${name}.transformer_blocks.0`;
    let tokens = writer.toTokens(inside);
    const first = writer.layerNorm(tokens, `${block}.norm1`, width);
    tokens = writer.node('Add', [writer.attention(first, first, `${block}.attn1`, { width, heads }), tokens]);
    const second = writer.layerNorm(tokens, `${block}.norm2`, width);
    tokens = writer.node('Add', [
      writer.attention(second, text, `${block}.attn2`, { width, heads, contextWidth: textWidth }),
      tokens,
    ]);
    const third = writer.layerNorm(tokens, `${block}.norm3`, width);
    tokens = writer.node('Add', [this.#gated(third, `${block}.ff.net`, width), tokens]);
    const outside = writer.convolution(writer.toMap(tokens, width, side), `${name}.proj_out`, width, {
      size: 1,
    });
    return writer.add(outside, map);
  }

  /** GEGLU: half of a wide layer, times the GELU of the other half. */
  #gated(value: string, name: string, width: number): string {
    const { writer } = this;
    const wide = writer.linear(value, `${name}.0.proj`, width, 8 * width);
    const half = (start: number): string =>
      writer.node('Slice', [wide, writer.whole(start), writer.whole(start + 4 * width), writer.whole(2)]);
    const gate = half(4 * width);
    const error = writer.node('Erf', [writer.node('Div', [gate, writer.number(Math.SQRT2)])]);
    const raised = writer.node('Mul', [gate, writer.node('Add', [error, writer.number(1)])]);
    const gelu = writer.node('Mul', [raised, writer.number(0.5)]);
    return writer.linear(writer.node('Mul', [half(0), gelu]), `${name}.2`, 4 * width, width);
  }
}

interface BlockOptions {
  readonly groups: number;
  readonly epsilon: number;
  /** Between the two convolutions. */
  readonly shift?: (map: FeatureMap) => FeatureMap;
}

function residualBlock(
  writer: LayerWriter,
  map: FeatureMap,
  name: string,
  channels: number,
  { groups, epsilon, shift = (inner) => inner }: BlockOptions,
): FeatureMap {
  const active = (inner: FeatureMap, norm: string): FeatureMap => {
    const normal = writer.groupNorm(inner, `${name}.${norm}`, groups, epsilon);
    return { ...normal, name: writer.silu(normal.name) };
  };
  const first = shift(writer.convolution(active(map, 'norm1'), `${name}.conv1`, channels));
  const second = writer.convolution(active(first, 'norm2'), `${name}.conv2`, channels);
  const skipped =
    map.channels === channels ? map : writer.convolution(map, `${name}.conv_shortcut`, channels, { size: 1 });
  return writer.add(skipped, second);
}

/** Input `sample`, pictures; output `latent_parameters`, means and logarithms of variances. */
export function latentEncoder(size: AutoencoderSize, draw?: DrawWeight): OnnxModel {
  const { pictureSide: side, latentChannels, levels, layers, groups } = size;
  const writer = new LayerWriter(draw);
  const sample = writer.input('sample', 'float32', ['batch', 3, side, side]);
  const options = { groups, epsilon: 1e-6 };
  let map = writer.convolution({ name: sample, channels: 3, side }, 'encoder.conv_in', levels[0]!);
  for (const [level, width] of levels.entries()) {
    const name = `encoder.down_blocks.${level}`;
    for (let layer = 0; layer < layers; layer++)
      map = residualBlock(writer, map, `${name}.resnets.${layer}`, width, options);
    if (level < levels.length - 1)
      map = writer.convolution(map, `${name}.downsamplers.0.conv`, width, { stride: 2, pads: [0, 0, 1, 1] });
  }
  map = middle(writer, map, 'encoder.mid_block', options);
  const out = lastLayers(writer, map, 'encoder', 2 * latentChannels, options);
  const said = writer.convolution(out, 'quant_conv', 2 * latentChannels, { size: 1 });
  return writer.finish(said.name, 'latent_parameters');
}

/** Input `latent_sample`; output `sample`, pictures. */
export function latentDecoder(size: AutoencoderSize, draw?: DrawWeight): OnnxModel {
  const { pictureSide, latentChannels: channels, levels, layers, groups } = size;
  const side = pictureSide / 2 ** (levels.length - 1);
  const writer = new LayerWriter(draw);
  const latent = writer.input('latent_sample', 'float32', ['batch', channels, side, side]);
  const options = { groups, epsilon: 1e-6 };
  let map = writer.convolution({ name: latent, channels, side }, 'post_quant_conv', channels, { size: 1 });
  map = writer.convolution(map, 'decoder.conv_in', levels.at(-1)!);
  map = middle(writer, map, 'decoder.mid_block', options);
  for (const [level, width] of levels.toReversed().entries()) {
    const name = `decoder.up_blocks.${level}`;
    for (let layer = 0; layer <= layers; layer++)
      map = residualBlock(writer, map, `${name}.resnets.${layer}`, width, options);
    if (level < levels.length - 1)
      map = writer.convolution(writer.enlarge(map), `${name}.upsamplers.0.conv`, width);
  }
  return writer.finish(lastLayers(writer, map, 'decoder', 3, options).name, 'sample');
}

function middle(writer: LayerWriter, map: FeatureMap, name: string, options: BlockOptions): FeatureMap {
  const { channels: width, side } = map;
  const first = residualBlock(writer, map, `${name}.resnets.0`, width, options);
  const normal = writer.groupNorm(first, `${name}.attentions.0.group_norm`, options.groups, options.epsilon);
  const tokens = writer.toTokens(normal);
  const mixed = writer.attention(tokens, tokens, `${name}.attentions.0`, { width, heads: 1, hasBias: true });
  const second = writer.add(writer.toMap(mixed, width, side), first);
  return residualBlock(writer, second, `${name}.resnets.1`, width, options);
}

function lastLayers(
  writer: LayerWriter,
  map: FeatureMap,
  name: string,
  channels: number,
  { groups, epsilon }: BlockOptions,
): FeatureMap {
  const normal = writer.groupNorm(map, `${name}.conv_norm_out`, groups, epsilon);
  return writer.convolution({ ...normal, name: writer.silu(normal.name) }, `${name}.conv_out`, channels);
}

/** Input `input_ids`; output `last_hidden_state`. Each token sees those before it. */
export function textEncoder(size: TextEncoderSize, draw?: DrawWeight): OnnxModel {
  const { words, tokens, width, layers, heads } = size;
  const writer = new LayerWriter(draw);
  const prefix = 'text_model';
  const ids = writer.input('input_ids', 'int64', ['batch', tokens]);
  const table = writer.weight(`${prefix}.embeddings.token_embedding.weight`, [words, width]);
  const places = writer.weight(`${prefix}.embeddings.position_embedding.weight`, [tokens, width]);
  const later = Float32Array.from({ length: tokens ** 2 }, (_, at) =>
    at % tokens > Math.floor(at / tokens) ? -3e38 : 0,
  );
  const mask = writer.constant('mask', [1, 1, tokens, tokens], later);
  const names = { query: 'q_proj', key: 'k_proj', value: 'v_proj', out: 'out_proj' };
  let value = writer.node('Add', [writer.node('Gather', [table, ids]), places]);
  for (let layer = 0; layer < layers; layer++) {
    const name = `${prefix}.encoder.layers.${layer}`;
    const first = writer.layerNorm(value, `${name}.layer_norm1`, width);
    const shape = { width, heads, hasBias: true, mask, names };
    value = writer.node('Add', [value, writer.attention(first, first, `${name}.self_attn`, shape)]);
    const wide = writer.linear(
      writer.layerNorm(value, `${name}.layer_norm2`, width),
      `${name}.mlp.fc1`,
      width,
      4 * width,
    );
    const gate = writer.node('Sigmoid', [writer.node('Mul', [wide, writer.number(1.702)])]);
    const narrow = writer.linear(writer.node('Mul', [wide, gate]), `${name}.mlp.fc2`, 4 * width, width);
    value = writer.node('Add', [value, narrow]);
  }
  return writer.finish(writer.layerNorm(value, `${prefix}.final_layer_norm`, width), 'last_hidden_state');
}
