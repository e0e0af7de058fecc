/** @file The built-in architectures as lists of layers. */
import type { Layer } from './layers.ts';

export interface ClassifierConfig {
  readonly architecture: ArchitectureName;
  readonly channels: number;
  /** Images are square. */
  readonly imageSize: number;
  readonly classCount: number;
  /** Probability of dropping a unit in training; 0 leaves the layers out. */
  readonly dropout: number;
}

export const architectureNames = ['linear', 'mlp', 'cnn', 'resnet9'] as const;
export type ArchitectureName = (typeof architectureNames)[number];

type Architecture = (config: ClassifierConfig) => readonly Layer[];

const relu: Layer = { kind: 'relu' };
const flatten: Layer = { kind: 'flatten' };
/** Before ReLU, with which it commutes: three quarters of the map need no ReLU then, forward or backward. */
const halve: Layer = { kind: 'maxPool', size: 2 };

function dropout(name: string, units: number, rate: number): Layer[] {
  return rate > 0 ? [{ kind: 'dropout', name, shape: [units], rate }] : [];
}

function head(name: string, inputs: number, outputs: number): Layer {
  return { kind: 'linear', name, inputs, outputs, last: true };
}

function hidden(name: string, inputs: number, outputs: number, rate: number): Layer[] {
  return [{ kind: 'linear', name, inputs, outputs, last: false }, relu, ...dropout(name, outputs, rate)];
}

/** Logistic regression on the pixels. */
const linear: Architecture = ({ channels, imageSize, classCount }) => [
  flatten,
  head('fc', channels * imageSize ** 2, classCount),
];

/** Two hidden layers, 128 and 64 wide. */
const mlp: Architecture = ({ channels, imageSize, classCount, dropout: rate }) => [
  flatten,
  ...hidden('fc1', channels * imageSize ** 2, 128, rate),
  ...hidden('fc2', 128, 64, rate),
  head('fc3', 64, classCount),
];

/** Convolution blocks of 32, 64, 64 … channels, each halving the map until it is at most 8 wide; then 128 units. */
const cnn: Architecture = ({ channels, imageSize, classCount, dropout: rate }) => {
  const layers: Layer[] = [];
  let [width, size] = [channels, imageSize];
  for (let block = 1; block <= 2 || size > 8; block++) {
    const outputs = block === 1 ? 32 : 64;
    layers.push({
      kind: 'conv',
      name: `conv${block}`,
      inputs: width,
      outputs,
      kernel: 3,
      padding: 1,
      bias: true,
    });
    layers.push(halve, relu);
    [width, size] = [outputs, Math.floor(size / 2)];
  }
  return [...layers, flatten, ...hidden('fc1', width * size ** 2, 128, rate), head('fc2', 128, classCount)];
};

/** Widths 32-64-128-256 with two residual blocks; GroupNorm instead of BatchNorm, so that samples do not mix. */
const resnet9: Architecture = ({ channels, imageSize, classCount, dropout: rate }) => {
  const finalSize = Math.floor(imageSize / 8);
  return [
    ...normalised('conv1', channels, 32),
    ...pooled('conv2', 32, 64),
    {
      kind: 'residual',
      layers: [...normalised('block1.conv1', 64, 64), ...normalised('block1.conv2', 64, 64)],
    },
    ...pooled('conv3', 64, 128),
    ...pooled('conv4', 128, 256),
    {
      kind: 'residual',
      layers: [...normalised('block2.conv1', 256, 256), ...normalised('block2.conv2', 256, 256)],
    },
    { kind: 'maxPool', size: finalSize },
    flatten,
    ...dropout('features', 256, rate),
    head('fc', 256, classCount),
  ];
};

function convolved(name: string, inputs: number, outputs: number): Layer[] {
  return [
    { kind: 'conv', name, inputs, outputs, kernel: 3, padding: 1, bias: false },
    { kind: 'groupNorm', name: `${name}.norm`, channels: outputs, groups: 8 },
  ];
}

function normalised(name: string, inputs: number, outputs: number): Layer[] {
  return [...convolved(name, inputs, outputs), relu];
}

function pooled(name: string, inputs: number, outputs: number): Layer[] {
  return [...convolved(name, inputs, outputs), halve, relu];
}

export const architectures: { readonly [Name in ArchitectureName]: Architecture } = {
  linear,
  mlp,
  cnn,
  resnet9,
};
