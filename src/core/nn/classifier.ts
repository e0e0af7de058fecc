/** @file A classifier: its layers, and the layout of its parameters in one flat vector. */
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { elementCount, type Shape } from '../tensor/tensor.ts';
import { architectures, type ClassifierConfig } from './architectures.ts';
import { flattenLayers, layerParameters, type Layer, type ParameterSpec } from './layers.ts';

/** A mask that the training program takes as input: `shape` per sample, `inputName` among the feeds. */
interface DropoutSpec {
  readonly inputName: string;
  readonly shape: Shape;
  readonly rate: number;
}

export interface Classifier {
  readonly config: ClassifierConfig;
  readonly layers: readonly Layer[];
  readonly parameters: readonly ParameterSpec[];
  readonly parameterCount: number;
  readonly dropouts: readonly DropoutSpec[];
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
  const parameters: ParameterSpec[] = [];
  let offset = 0;
  for (const parameter of flat.flatMap(layerParameters)) {
    parameters.push({ ...parameter, offset });
    offset += elementCount(parameter.shape);
  }
  const dropouts = flat.flatMap((layer) =>
    layer.kind === 'dropout'
      ? [{ inputName: dropoutInputName(layer.name), shape: layer.shape, rate: layer.rate }]
      : [],
  );
  return { config, layers, parameters, parameterCount: offset, dropouts };
}

export function dropoutInputName(layerName: string): string {
  return `dropoutMask.${layerName}`;
}

/** All parameters in one vector. A parameter's values depend on the seed and its name alone. */
export function initialParameters(classifier: Classifier, seed: number): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(classifier.parameterCount);
  for (const parameter of classifier.parameters) {
    vector.set(initialValues(parameter, seed), parameter.offset);
  }
  return vector;
}

function initialValues({ name, shape, initializer }: ParameterSpec, seed: number): Float32Array {
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
