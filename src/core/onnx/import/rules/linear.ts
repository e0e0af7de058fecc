/** @file Import rules of matrix products, and of the fused forms that ONNX Runtime's optimiser writes. */
import type { Graph, Value } from '../../../graph/graph.ts';
import {
  add,
  clip,
  matMul,
  mul,
  relu,
  reshape,
  sigmoid,
  tanh,
  type MatMulOptions,
} from '../../../ops/build.ts';
import { limited, whole, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import { importConv } from './convolution.ts';

/** As numpy multiplies: a vector on the left is a row, on the right a column, and the axis that this adds is dropped again. */
function product(site: ImportSite, options: MatMulOptions = {}): Value {
  const { graph } = site;
  const [a, b] = [site.input(0, 'parameter'), site.input(1, 'parameter')];
  const [rankA, rankB] = [a.type.shape.length, b.type.shape.length];
  if (rankA === 0 || rankB === 0) site.refuse('it multiplies a scalar');
  const left = rankA === 1 ? reshape(graph, a, [1, -1]) : a;
  const right = rankB === 1 ? reshape(graph, b, [-1, 1]) : b;
  expectToFit(site, left, right, options);
  const result = matMul(graph, left, right, options);
  const { shape } = result.type;
  const kept = shape.filter(
    (_, axis) => !(rankA === 1 && axis === shape.length - 2) && !(rankB === 1 && axis === shape.length - 1),
  );
  return reshape(graph, result, kept);
}

function expectToFit(
  site: ImportSite,
  left: Value,
  right: Value,
  { transposeA, transposeB }: MatMulOptions,
): void {
  const inner = left.type.shape.at(transposeA === true ? -2 : -1);
  const other = right.type.shape.at(transposeB === true ? -1 : -2);
  if (inner !== other) {
    site.refuse(`[${left.type.shape.join(',')}] and [${right.type.shape.join(',')}] do not multiply`);
  }
}

function importGemm(site: ImportSite): Value {
  const { graph } = site;
  const options = { transposeA: site.int('transA', 0) !== 0, transposeB: site.int('transB', 0) !== 0 };
  const scaled = mul(graph, product(site, options), site.float('alpha', 1));
  const bias = site.optional(2, 'parameter');
  return bias === null ? scaled : add(graph, scaled, mul(graph, bias, site.float('beta', 1)));
}

function importFusedMatMul(site: ImportSite): Value {
  if (site.int('transBatchA', 0) !== 0 || site.int('transBatchB', 0) !== 0) {
    site.refuse('transposed batch axes are not supported');
  }
  const options = { transposeA: site.int('transA', 0) !== 0, transposeB: site.int('transB', 0) !== 0 };
  return mul(site.graph, product(site, options), site.float('alpha', 1));
}

type Activation = (graph: Graph, x: Value, parameters: readonly number[]) => Value;

/** What a fused operator may end in; parameters come in the order of the operator it replaces. */
const activations: Readonly<Record<string, Activation>> = {
  Relu: relu,
  Tanh: tanh,
  Sigmoid: sigmoid,
  LeakyRelu: (graph, x, [slope = 0.01]) =>
    add(graph, mul(graph, relu(graph, x), 1 - slope), mul(graph, x, slope)),
  Clip: (graph, x, [low = -Infinity, high = Infinity]) => clip(graph, x, low, high),
  HardSigmoid: (graph, x, [slope = 0.2, shift = 0.5]) =>
    clip(graph, add(graph, mul(graph, x, slope), shift), 0, 1),
};

function activated(site: ImportSite, x: Value, parameters: readonly number[]): Value {
  const name = site.text('activation', '');
  if (name === '') return x;
  const activation = activations[name] ?? site.refuse(`its activation ${name} is not supported`);
  return activation(site.graph, x, parameters);
}

function importFusedConv(site: ImportSite): Value {
  const convolved = importConv(site);
  const other = site.optional(3);
  const sum = other === null ? convolved : add(site.graph, convolved, other);
  return activated(site, sum, site.floats('activation_params') ?? []);
}

function importFusedGemm(site: ImportSite): Value {
  const names = ['activation_alpha', 'activation_beta'].filter((name) => site.attribute(name) !== null);
  return activated(
    site,
    importGemm(site),
    names.map((name) => site.float(name, 0)),
  );
}

export const linearRules: ImportRules = {
  MatMul: whole((site) => [product(site)]),
  Gemm: whole((site) => [importGemm(site)]),
  'com.microsoft.FusedMatMul': limited('without transBatchA and transBatchB', (site) => [
    importFusedMatMul(site),
  ]),
  'com.microsoft.FusedGemm': whole((site) => [importFusedGemm(site)]),
  'com.microsoft.FusedConv': limited('over one or two spatial axes', (site) => [importFusedConv(site)]),
};
