/** @file The built-in networks: lists of layers. */
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { elementCount } from '../tensor/tensor.ts';
import { architectures, type ClassifierConfig } from './architectures.ts';
import { dropoutInputName } from './dropout.ts';
import { forwardLayers } from './forward.ts';
import { flattenLayers, layerParameters, type Layer, type LayerParameter } from './layers.ts';
import { layOutParameters, type Network } from './network.ts';

export interface Classifier extends Network {
  readonly config: ClassifierConfig;
}

export function buildClassifier(config: ClassifierConfig): Classifier {
  assert(
    config.architecture !== 'resnet9' || config.imageSize >= 8,
    'resnet9 wants images of 8 pixels or more',
  );
  return layOut(config, architectures[config.architecture](config));
}

/** The same for layers of one's own. */
export function layOut(config: ClassifierConfig, layers: readonly Layer[]): Classifier {
  const flat = flattenLayers(layers);
  const { parameters, parameterCount } = layOutParameters(flat.flatMap(layerParameters));
  return {
    config,
    inputShape: [config.channels, config.imageSize, config.imageSize],
    outputCount: config.classCount,
    parameters,
    parameterCount,
    dropouts: flat.flatMap((layer) =>
      layer.kind === 'dropout'
        ? [{ inputName: dropoutInputName(layer.name), shape: layer.shape, rate: layer.rate }]
        : [],
    ),
    initialParameters: (seed) => {
      const vector = new Float32Array(parameterCount);
      for (const parameter of parameters) vector.set(initialValues(parameter, seed), parameter.offset);
      return vector;
    },
    forward: (graph, images, values, options) => forwardLayers(graph, layers, images, values, options),
  };
}

function initialValues({ name, shape, initializer }: LayerParameter, seed: number): Float32Array {
  const values = new Float32Array(elementCount(shape));
  const random = new Random(seed, `initial/${name}`);
  const fanIn = elementCount(shape.slice(1));
  switch (initializer) {
    case 'zeros':
      return values;
    case 'ones':
      return values.fill(1);
    case 'he': {
      // N(0, 2/fanIn): keeps the variance of activations through ReLU (He et al. 2015, eq. 10).
      const deviation = Math.sqrt(2 / fanIn);
      return values.map(() => random.normal() * deviation);
    }
    case 'head': {
      // U(±1/√fanIn), PyTorch's default: small logits, so that training starts near the loss of guessing.
      const bound = 1 / Math.sqrt(fanIn);
      return values.map(() => (2 * random.uniform() - 1) * bound);
    }
  }
}
