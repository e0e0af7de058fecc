/** @file The layers of a model file: which parameters belong together, of what kind, in the order of computation. */
import type { OnnxModel, OnnxNode } from '../../core/onnx/model.ts';
import { elementCount, type Shape } from '../../core/tensor/tensor.ts';
import type { LayerKind } from '../../contract/models-service.ts';
import { nodeName } from './operator-survey.ts';

export interface ModelLayer {
  /** 'layer4.1.conv2', as far as the parameters' names say. */
  readonly name: string;
  readonly kind: LayerKind;
  readonly parameters: readonly string[];
  /** Elements of all its parameters. */
  readonly count: number;
}

const kindOfOperator: Readonly<Record<string, LayerKind>> = {
  Conv: 'convolution',
  ConvTranspose: 'convolution',
  Gemm: 'linear',
  MatMul: 'linear',
  BatchNormalization: 'normalisation',
  LayerNormalization: 'normalisation',
  InstanceNormalization: 'normalisation',
  GroupNormalization: 'normalisation',
  Gather: 'embedding',
};

/** Hand a weight on as it is, or nearly: the layer is whoever uses the result. */
const PASSING: readonly string[] = [
  'DequantizeLinear',
  'Cast',
  'Transpose',
  'Identity',
  'Reshape',
  'Unsqueeze',
];

/** `parameters`: shapes by the names in the file. A parameter that several layers share belongs to the first. */
export function layersOf(model: OnnxModel, parameters: ReadonlyMap<string, Shape>): ModelLayer[] {
  const finder = new LayerFinder(parameters);
  for (const node of model.nodes) finder.visit(node);
  return finder.layers.map(({ node, kind, parameters: names }) => ({
    name: layerName(node, names),
    kind,
    parameters: names,
    count: names.reduce((total, name) => total + elementCount(parameters.get(name)!), 0),
  }));
}

interface FoundLayer {
  readonly node: OnnxNode;
  readonly kind: LayerKind;
  readonly parameters: string[];
}

class LayerFinder {
  readonly layers: FoundLayer[] = [];
  readonly #parameters: ReadonlyMap<string, Shape>;
  /** Value → the parameter that it is, perhaps in another form. */
  readonly #origins = new Map<string, string>();
  /** Value → the layer that made it last. */
  readonly #makers = new Map<string, FoundLayer>();
  readonly #operators = new Map<string, string>();
  readonly #assigned = new Set<string>();

  constructor(parameters: ReadonlyMap<string, Shape>) {
    this.#parameters = parameters;
  }

  visit(node: OnnxNode): void {
    for (const output of node.outputs) this.#operators.set(output, node.opType);
    const passed = PASSING.includes(node.opType) ? this.#originOf(node.inputs[0] ?? '') : null;
    if (passed !== null) {
      for (const output of node.outputs) if (!this.#parameters.has(output)) this.#origins.set(output, passed);
      return;
    }
    const names = node.inputs.flatMap((input) => this.#originOf(input) ?? []);
    const found = names.filter((name) => !this.#assigned.has(name));
    if (found.length > 0) this.#assign(node, found);
  }

  #originOf(name: string): string | null {
    return this.#parameters.has(name) ? name : (this.#origins.get(name) ?? null);
  }

  #assign(node: OnnxNode, names: readonly string[]): void {
    const layer = this.#joined(node) ?? this.#opened(node);
    layer.parameters.push(...names);
    for (const name of names) this.#assigned.add(name);
    for (const output of node.outputs) this.#makers.set(output, layer);
  }

  /** The layer whose product this node shifts or scales: the bias of a MatMul comes as an Add of its own. */
  #joined(node: OnnxNode): FoundLayer | null {
    if (node.opType !== 'Add' && node.opType !== 'Mul') return null;
    for (const input of node.inputs) {
      const maker = this.#makers.get(input);
      if (maker !== undefined) return maker;
    }
    return null;
  }

  #opened(node: OnnxNode): FoundLayer {
    // A LayerNorm of older operator sets comes in pieces: its scale multiplies a quotient.
    const scalesQuotient =
      node.opType === 'Mul' && node.inputs.some((input) => this.#operators.get(input) === 'Div');
    const kind = scalesQuotient ? 'normalisation' : (kindOfOperator[node.opType] ?? 'other');
    const layer: FoundLayer = { node, kind, parameters: [] };
    this.layers.push(layer);
    return layer;
  }
}

/** 'fc.weight' and 'fc.bias' are 'fc'; where the names have no such form, the node names the layer. */
function layerName(node: OnnxNode, names: readonly string[]): string {
  const stems = new Set(names.map((name) => name.replace(/\.[^.]*$/, '')));
  const [stem] = stems;
  return stems.size === 1 && stem !== undefined && stem !== names[0] ? stem : nodeName(node);
}
