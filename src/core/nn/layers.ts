/** @file The layers that classifiers are described with: plain data, so that parameters, shapes and graphs follow from one list. */
import type { Shape } from '../tensor/tensor.ts';

export type Layer =
  | {
      readonly kind: 'conv';
      readonly name: string;
      readonly inputs: number;
      readonly outputs: number;
      readonly kernel: number;
      readonly padding: number;
      /** Off where a normalisation follows, which would undo it. */
      readonly bias: boolean;
    }
  | { readonly kind: 'groupNorm'; readonly name: string; readonly channels: number; readonly groups: number }
  | {
      readonly kind: 'linear';
      readonly name: string;
      readonly inputs: number;
      readonly outputs: number;
      readonly last: boolean;
    }
  | { readonly kind: 'relu' }
  | { readonly kind: 'maxPool'; readonly size: number }
  | { readonly kind: 'flatten' }
  /** `shape` is that of one sample; the mask is an input of the training program. */
  | { readonly kind: 'dropout'; readonly name: string; readonly shape: Shape; readonly rate: number }
  | { readonly kind: 'residual'; readonly layers: readonly Layer[] };

type Initializer = 'he' | 'head' | 'zeros' | 'ones';

export interface LayerParameter {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** All layers in order, those inside residual blocks too. */
export function flattenLayers(layers: readonly Layer[]): readonly Layer[] {
  return layers.flatMap((layer) => (layer.kind === 'residual' ? flattenLayers(layer.layers) : [layer]));
}

/** Conv weights are [O, C, kh, kw], linear weights [out, in]: as PyTorch and ONNX store them. */
export function layerParameters(layer: Layer): readonly LayerParameter[] {
  switch (layer.kind) {
    case 'conv': {
      const { name, inputs, outputs, kernel } = layer;
      const weight = {
        name: `${name}.weight`,
        shape: [outputs, inputs, kernel, kernel],
        initializer: 'he',
      } as const;
      const bias = { name: `${name}.bias`, shape: [outputs], initializer: 'zeros' } as const;
      return layer.bias ? [weight, bias] : [weight];
    }
    case 'linear': {
      const { name, inputs, outputs, last } = layer;
      return [
        { name: `${name}.weight`, shape: [outputs, inputs], initializer: last ? 'head' : 'he' },
        { name: `${name}.bias`, shape: [outputs], initializer: 'zeros' },
      ];
    }
    case 'groupNorm':
      return [
        { name: `${layer.name}.scale`, shape: [layer.channels], initializer: 'ones' },
        { name: `${layer.name}.shift`, shape: [layer.channels], initializer: 'zeros' },
      ];
    case 'relu':
    case 'maxPool':
    case 'flatten':
    case 'dropout':
    case 'residual':
      return [];
  }
}
