/**
 * @file The memory that Stable Diffusion 1.5 would take part by part: its own shapes and parameter counts, all weights views of one array, so that nothing of
 * that size is needed here. Peaks are sums of values alive at one time (`peakLiveBytes`), weights included; what ONNX Runtime needs for itself comes on top.
 */
import { peakLiveBytes } from '../src/core/compiler/live-memory.ts';
import { Graph } from '../src/core/graph/graph.ts';
import { denoiserFeatureGraph } from '../src/core/nn/denoiser/denoiser-features.ts';
import { denoiserTrainingGraph } from '../src/core/nn/denoiser/denoiser-training.ts';
import { bakedParameters, imageShape, sideInputs, type Network } from '../src/core/nn/network.ts';
import { importModel } from '../src/core/onnx/import/import-model.ts';
import type { OnnxModel } from '../src/core/onnx/model.ts';
import { elementCount, float32, type Shape } from '../src/core/tensor/tensor.ts';
import { DenoiserChoices } from '../src/contract/denoiser-choices.ts';
import { describeDenoiser } from '../src/engine/modelling/describe-denoiser.ts';
import { fileDenoiser } from '../src/engine/modelling/file-denoiser.ts';
import type { DrawWeight } from '../testing/layer-writer.ts';
import {
  latentDecoder,
  latentEncoder,
  latentUNet,
  realSize,
  textEncoder,
} from '../testing/stable-diffusion.ts';
import type { Bench } from './bench.ts';

/** Published counts: where they are met, shapes are those of the real model. */
const published = { unet: 859_520_964, autoencoder: 83_653_863, text: 123_060_480 };
const GIB = 2 ** 30;

const shared = new Float32Array(realSize.text.words * realSize.text.width);
const view: DrawWeight = (_, shape) => float32(shape, shared.subarray(0, elementCount(shape)));

export const run: Bench = () => {
  const models = {
    unet: latentUNet(realSize.unet, view),
    encoder: latentEncoder(realSize.autoencoder, view),
    decoder: latentDecoder(realSize.autoencoder, view),
    text: textEncoder(realSize.text, view),
  };
  const counts = {
    unet: countOf(models.unet),
    autoencoder: countOf(models.encoder) + countOf(models.decoder),
    text: countOf(models.text),
  };
  const isReal = Object.entries(published).every(
    ([part, count]) => counts[part as keyof typeof counts] === count,
  );
  const network = openUNet(models);
  const { tokens } = realSize.text;
  const { side, channels } = realSize.unet;
  const picture = realSize.autoencoder.pictureSide;
  const peaks = {
    encoderPeakGiB: peakOfFile(models.encoder, 'sample', [1, 3, picture, picture]),
    decoderPeakGiB: peakOfFile(models.decoder, 'latent_sample', [1, channels, side, side]),
    textPeakGiB: peakOfFile(models.text, 'input_ids', [1, tokens]),
    predictionPeakGiB: predictionPeak(network, 1),
    featuresPeakGiB: featuresPeak(network, 1),
    featuresOfTwoPeakGiB: featuresPeak(network, 2),
    unlearningPeakGiB: unlearningPeak(network, 2),
  };
  const titles = [
    ...['Encoding a picture', 'Decoding a picture', 'Encoding a text', 'Predicting one image'],
    ...['Gradients of one image', 'Gradients of two images', 'A step of unlearning, one image of each kind'],
  ];
  const rows = Object.values(peaks).map((peak, place) => [titles[place]!, `${peak.toFixed(2)} GiB`]);
  return Promise.resolve({
    figures: {
      ...{
        unetParameters: counts.unet,
        autoencoderParameters: counts.autoencoder,
        textParameters: counts.text,
      },
      unetGiB: (4 * counts.unet) / GIB,
      adapterParameters: network.parameterCount,
      latentKiB: (4 * channels * side ** 2) / 1024,
      textKiB: (4 * tokens * realSize.text.width) / 1024,
      hasPublishedCounts: isReal ? 1 : 0,
      ...peaks,
    },
    goals: { hasPublishedCounts: 1 },
    table: [['work', 'peak'], ...rows],
  });
};

function countOf({ initializers }: OnnxModel): number {
  const learned = [...initializers].filter(([name]) => /\.(weight|bias)$/.test(name));
  return learned.reduce((sum, [, { shape }]) => sum + elementCount(shape), 0);
}

/** With adapters of rank 4 on all cross-attention. */
function openUNet({ unet, encoder, decoder, text }: Readonly<Record<string, OnnxModel>>): Network {
  const part = (model: OnnxModel) => ({ file: '', model });
  const choices = DenoiserChoices.parse({ parameters: 'lora', loraRank: 4, pattern: '*attn2.to_*' });
  const project = { classes: new Map(), usualSide: realSize.unet.side };
  const { description } = describeDenoiser(unet!, choices, project, '', {
    autoencoder: { encoder: part(encoder!), decoder: part(decoder!), scalingFactor: 0.18215, shiftFactor: 0 },
    texts: {
      encoder: part(text!),
      ...{ tokenizer: '', length: realSize.text.tokens, texts: '', isOfClasses: true },
    },
  });
  return fileDenoiser(unet!, description);
}

function peakOfFile(model: OnnxModel, input: string, shape: Shape): number {
  const { graph, outputs } = importModel(model, { inputShapes: new Map([[input, shape]]) });
  return peakLiveBytes(graph, [...outputs.values()]) / GIB;
}

function predictionPeak(network: Network, batchSize: number): number {
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(network, batchSize) });
  const parameters = bakedParameters(graph, network, network.initialParameters(0));
  const side = sideInputs(graph, network, batchSize);
  const { output } = network.forward(graph, images, parameters, { side });
  return peakLiveBytes(graph, [output]) / GIB;
}

function featuresPeak(network: Network, batchSize: number): number {
  const { graph, outputs } = denoiserFeatureGraph(network, network.initialParameters(0), {
    ...{ batchSize, outputFunction: 'square', prediction: 'epsilon' },
    projection: { kind: 'fold', size: 2048, seed: 0 },
  });
  return peakLiveBytes(graph, Object.values(outputs)) / GIB;
}

function unlearningPeak(network: Network, batchSize: number): number {
  const options = { batchSize, weightDecay: 0, longestGradient: 1 };
  const { graph, outputs } = denoiserTrainingGraph(network, options);
  return peakLiveBytes(graph, Object.values(outputs)) / GIB;
}
