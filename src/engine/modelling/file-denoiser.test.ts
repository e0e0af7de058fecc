import { describe, expect, it } from 'vitest';
import { exportedDenoiser, smallDenoiser, textDenoiser } from '../../../testing/brought-denoiser.ts';
import { denoiserFeatureFeeds, makeDenoiser, noisyFeeds } from '../../../testing/denoisers.ts';
import { drawParameters } from '../../../testing/networks.ts';
import { onnxModel, onnxNode } from '../../../testing/onnx-models.ts';
import { runProgram } from '../../../testing/sessions.ts';
import { predictionKinds, type PredictionKind } from '../../core/diffusion/noise-schedule.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { denoiseProgram } from '../../core/nn/denoiser/denoise-program.ts';
import {
  denoiserFeatureProgram,
  noisyShareInput,
  predictionShareInput,
} from '../../core/nn/denoiser/denoiser-features.ts';
import { classInput } from '../../core/nn/denoiser/u-net.ts';
import type { Network } from '../../core/nn/network.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import { float32, numbersOf, tensorOf, type Tensor } from '../../core/tensor/tensor.ts';
import { DenoiserChoices } from '../../contract/denoiser-choices.ts';
import type { ClassId } from '../../contract/vocabulary.ts';
import { describeDenoiser } from './describe-denoiser.ts';
import { fileDenoiser } from './file-denoiser.ts';

const BATCH = 3;
const builtIn = makeDenoiser({ classCount: 3 });
const weights = drawParameters(builtIn);
const exported = exportedDenoiser(builtIn, weights);
const project = {
  classes: new Map(['cat', 'dog', 'fox'].map((name, index) => [(index + 1) as ClassId, name])),
  usualSide: 8,
};

function described(model: typeof exported, choices: Partial<DenoiserChoices> = {}) {
  return describeDenoiser(model, DenoiserChoices.parse(choices), project, '');
}

/** The output for these feeds, with the network's own first parameters where none are given. */
async function says(
  network: Network,
  feeds: Record<string, Tensor>,
  parameters = network.initialParameters(0),
) {
  const program = denoiseProgram(network, parameters, { batchSize: BATCH, profile: 'cpu' });
  const { output, embedding } = await runProgram(program, feeds);
  return { said: numbersOf(output!), shape: output!.shape, embedding: embedding!.shape };
}

/** To what float32 leaves of numbers whose largest are about `scale`. */
function expectNear(found: Float64Array, expected: Float64Array, scale = largest(expected)): void {
  expect(found.length).toBe(expected.length);
  expect(largest(found.map((value, index) => value - expected[index]!))).toBeLessThan(3e-5 * scale);
}

function largest(numbers: Float64Array): number {
  return numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe('a denoiser that was exported for one image and one scalar step', () => {
  const { description, classIds } = described(exported);
  const network = fileDenoiser(exported, description);

  it('is recognised: image, step of time, number of the class, all weights', () => {
    expect(classIds).toEqual([1, 2, 3]);
    expect(description).toMatchObject({
      ...{ channels: 1, imageSize: 8, input: 'sample', timestep: 'timestep', output: 'noise_pred' },
      condition: { input: 'class_labels', kind: 'number', labels: [0, 1, 2], absentClass: null },
      loraRank: null,
    });
    expect(network.parameterCount).toBe(builtIn.parameterCount);
    expect(new Set(description.trained)).toEqual(new Set(builtIn.parameters.map(({ name }) => name)));
  });

  it('says of many images, each with a step and a class of its own, what the built-in network says', async () => {
    const feeds = noisyFeeds(builtIn, BATCH);
    const found = await says(network, feeds);
    expectNear(found.said, (await says(builtIn, feeds, weights)).said);
    expect(found.embedding[0]).toBe(BATCH);
  });

  it.each(predictionKinds)(
    'has the gradients of each image that the built-in network has (%s)',
    async (prediction) => {
      const own = network.initialParameters(0);
      const found = await features(network, own, prediction);
      const expected = await features(builtIn, weights, prediction);
      // A shift of all keys does nothing: some gradients are zero, and what is left of them is noise.
      const least = 1e-4 * largest(expected);
      for (const { name, offset, shape } of builtIn.parameters) {
        const size = shape.reduce((product, extent) => product * extent, 1);
        const place = network.parameters.find((parameter) => parameter.name === name)!.offset;
        for (let sample = 0; sample < BATCH; sample++) {
          const row = sample * builtIn.parameterCount;
          expectNear(
            found.subarray(row + place, row + place + size),
            expected.subarray(row + offset, row + offset + size),
            Math.max(largest(expected.subarray(row + offset, row + offset + size)), least),
          );
        }
      }
    },
  );

  it('tells a class by the number that the file has for it, and none by the number for none', async () => {
    const mapped = described(exported, { classNames: ['fox', 'wolf', 'cat'], absentClass: 1 });
    expect(mapped.classIds).toEqual([3, 1]);
    const renamed = fileDenoiser(exported, mapped.description);
    const feeds = noisyFeeds(builtIn, BATCH);
    const told = { ...feeds, [classInput]: float32([BATCH, 2], Float32Array.of(1, 0, 0, 1, 0, 0)) };
    const asBuiltIn = {
      ...feeds,
      [classInput]: float32([BATCH, 3], Float32Array.of(1, 0, 0, 0, 0, 1, 0, 1, 0)),
    };
    expectNear((await says(renamed, told)).said, (await says(builtIn, asBuiltIn, weights)).said);
  });

  it('begins as it is where adapters are put on it, on all layers or on some', async () => {
    const feeds = noisyFeeds(builtIn, BATCH);
    const plain = (await says(network, feeds)).said;
    const some = described(exported, { parameters: 'lora', loraRank: 2, pattern: 'middle.attention.*' });
    const adapted = fileDenoiser(exported, some.description);
    expectNear((await says(adapted, feeds)).said, plain);
    expect(adapted.parameters.every(({ name }) => /^middle\.attention\..*\.lora-(up|down)$/.test(name))).toBe(
      true,
    );
    const all = described(exported, { parameters: 'lora', loraRank: 2 });
    expect(fileDenoiser(exported, all.description).parameterCount).toBeGreaterThan(adapted.parameterCount);
  });
});

/** D-TRAK's gradients, whole: [N, p]. */
async function features(
  network: Network,
  parameters: Float32Array,
  prediction: PredictionKind,
  batchSize = BATCH,
): Promise<Float64Array> {
  const program = denoiserFeatureProgram(network, parameters, {
    batchSize,
    outputFunction: 'square',
    prediction,
    projection: { kind: 'none', size: 0, seed: 0 },
    profile: 'cpu',
  });
  const share = (value: number): Tensor =>
    float32(
      [BATCH, 1, 1, 1],
      Float32Array.from({ length: BATCH }, (_, sample) => value + 0.1 * sample),
    );
  const shares = { [noisyShareInput]: share(0.7), [predictionShareInput]: share(-0.4) };
  const { noise, sampleWeights, ...feeds } = denoiserFeatureFeeds(network, batchSize);
  const found = await runProgram(program, {
    ...{ ...feeds, sampleWeights: sampleWeights! },
    ...(prediction === 'epsilon' ? {} : shares),
    ...(program.inputs.has('noise') ? { noise: noise! } : {}),
  });
  return numbersOf(found['features']!);
}

describe('a denoiser of any number of images, with one-hot classes and a variance', () => {
  const model = smallDenoiser(3);
  const { description } = described(model);
  const network = fileDenoiser(model, description);

  it('says what the file says in the channels of the image', async () => {
    expect(description).toMatchObject({
      imageSize: 8,
      condition: { input: 'y', kind: 'one-hot', shape: [3] },
    });
    const feeds = noisyFeeds(network, BATCH);
    const shapes = { x: [BATCH, 1, 8, 8], t: [BATCH], y: [BATCH, 3] };
    const { graph, outputs } = importModel(model, { inputShapes: new Map(Object.entries(shapes)) });
    const given = { x: feeds['images']!, t: feeds['timesteps']!, y: feeds[classInput]! };
    const both = numbersOf(interpret(graph, [...outputs.values()], given)[0]!);
    const { said, shape } = await says(network, feeds);
    expect(shape).toEqual([BATCH, 1, 8, 8]);
    for (let sample = 0; sample < BATCH; sample++)
      expectNear(
        said.subarray(64 * sample, 64 * (sample + 1)),
        both.subarray(128 * sample, 128 * sample + 64),
      );
  });

  it('takes the size that is asked for, and what was chosen by name', () => {
    expect(described(model, { imageSize: 12 }).description.imageSize).toBe(12);
    const named = { imageInput: 'x', timestepInput: 't', conditionInput: 'y', output: 'said' };
    expect(described(model, named).description).toEqual(description);
  });
});

describe('a denoiser that is told texts', () => {
  const model = textDenoiser(5);
  const embeddings = Float32Array.from({ length: 4 * 2 * 5 }, (_, index) => Math.sin(index));
  const { description, classIds } = describeDenoiser(
    model,
    DenoiserChoices.parse({ absentClass: 3 }),
    project,
    '',
    { embeddings: { file: 'texts.npy', shape: [4, 2, 5] } },
  );
  const network = fileDenoiser(model, description, embeddings);

  it('is told the embedding of each image’s class, and that for none where it has none', async () => {
    expect(classIds).toEqual([1, 2, 3]);
    const feeds: Record<string, Tensor> = {
      ...noisyFeeds(network, BATCH),
      [classInput]: float32([BATCH, 3], Float32Array.of(0, 0, 1, 0, 0, 0, 1, 0, 0)),
    };
    const shapes = { sample: [BATCH, 1, 8, 8], timestep: [BATCH], encoder_hidden_states: [BATCH, 2, 5] };
    const { graph, outputs } = importModel(model, { inputShapes: new Map(Object.entries(shapes)) });
    const rows = [2, 3, 0].flatMap((row) => [...embeddings.subarray(10 * row, 10 * (row + 1))]);
    const [expected] = interpret(graph, [...outputs.values()], {
      sample: feeds['images']!,
      timestep: tensorOf('int64', [BATCH], numbersOf(feeds['timesteps']!)),
      encoder_hidden_states: float32([BATCH, 2, 5], Float32Array.from(rows)),
    });
    const { said, embedding } = await says(network, feeds);
    expectNear(said, numbersOf(expected!));
    // The lower map has four channels.
    expect(embedding).toEqual([BATCH, 4]);
  });

  it('has gradients of each image alone, by its weights or by adapters on its attention', async () => {
    const lora = {
      ...description,
      trained: description.trained.filter((name) => name.startsWith('attn')),
      loraRank: 1,
    };
    for (const one of [network, fileDenoiser(model, lora, embeddings)]) {
      const values = drawParameters(one);
      const together = await features(one, values, 'epsilon');
      const alone = await features(one, values, 'epsilon', 1);
      expect(largest(alone)).toBeGreaterThan(0);
      // The weight of a sample is divided by the size of its batch.
      expectNear(
        together.subarray(0, alone.length),
        alone.map((value) => value / BATCH),
      );
    }
  });

  it('is refused without them, or with others than it takes', () => {
    expect(() => described(model)).toThrow(/the embedding of each class/);
    const other = (shape: number[]) => () =>
      describeDenoiser(model, DenoiserChoices.parse({}), project, '', { embeddings: { file: '', shape } });
    expect(other([3, 2, 6])).toThrow(/does not take embeddings of \[2, 6\]/);
    expect(other([2, 2, 5])).toThrow(/There are 2 embeddings/);
  });
});

describe('files that are no denoiser', () => {
  const input = (shape: (string | number)[], dtype: 'float32' | 'int64' = 'float32') => ({ dtype, shape });
  const image = input(['n', 1, 8, 8]);
  const wrong = (inputs: Record<string, ReturnType<typeof input>>, of = 'x') =>
    onnxModel({
      inputs: new Map(Object.entries(inputs)),
      initializers: { w: tensorOf('float32', [1], [2]) },
      nodes: [onnxNode('Mul', [of, 'w'], ['out'])],
      outputs: ['out'],
    });

  it.each([
    [wrong({ x: image }), /step of time/],
    [wrong({ x: image, a: input(['n']), b: input(['n']) }), /step of time/],
    [wrong({ x: image, t: input(['n']), text: input(['n', 77, 64]) }), /the embedding of each class/],
    [
      wrong({ x: image, t: input(['n']), y: input(['n'], 'int64'), z: input(['n'], 'int64') }),
      /more than an image/,
    ],
    [wrong({ x: input(['n', 4, 8, 8]), t: input(['n']) }), /4 channels/],
    [wrong({ x: image, t: input(['n']) }, 't'), /no output is like them/],
    [wrong({ x: image, t: input(['n']) }), /does not depend on t/],
  ])('are refused with the reason (%#)', (model, reason) => {
    expect(() => fileDenoiser(model, described(model).description)).toThrow(reason);
  });

  it('nor where a name is wrong', () => {
    expect(() => described(exported, { timestepInput: 'time' })).toThrow(/no input time/);
    expect(() => described(exported, { output: 'mean' })).toThrow(/no output mean/);
    expect(() => described(exported, { imageSize: 16 })).toThrow(/8 pixels only/);
  });
});
