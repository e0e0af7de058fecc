/** @file Import rules of the activation functions and of the softmax family. */
import { shapeOf, type Graph, type Value } from '../../../graph/graph.ts';
import {
  abs,
  add,
  argMax,
  cast,
  clip,
  div,
  equal,
  exp,
  gelu,
  greater,
  int64Constant,
  less,
  logSoftmax,
  mul,
  relu,
  reshape,
  sigmoid,
  softmax,
  sub,
  tanh,
  where,
} from '../../../ops/build.ts';
import { normalizeAxis } from '../../../tensor/shape.ts';
import { elementCount } from '../../../tensor/tensor.ts';
import { whole, type ImportRule, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import { softplus } from './elementary-functions.ts';

const unary = (build: (graph: Graph, x: Value, site: ImportSite) => Value): ImportRule =>
  whole((site) => [build(site.graph, site.input(0), site)]);

/** min(x, 0), whose slope at 0 is 1: PyTorch counts 0 to the negative side too. */
function negativePart(graph: Graph, x: Value): Value {
  return sub(graph, x, relu(graph, x));
}

/** x where it is positive, else slope·x. */
function leaky(graph: Graph, x: Value, slope: Value | number): Value {
  return add(graph, relu(graph, x), mul(graph, negativePart(graph, x), slope));
}

/** x where it is positive, else alpha·(exp(x/width) − 1). */
function exponentialUnit(graph: Graph, x: Value, alpha: number, width = 1): Value {
  const curve = sub(graph, exp(graph, mul(graph, negativePart(graph, x), 1 / width)), 1);
  return add(graph, relu(graph, x), mul(graph, curve, alpha));
}

function hardSigmoid(graph: Graph, x: Value, slope: number, offset: number): Value {
  return clip(graph, add(graph, mul(graph, x, slope), offset), 0, 1);
}

/** Towards 0 by `bias` outside of ±lambd, and 0 within. */
function shrink(graph: Graph, x: Value, site: ImportSite): Value {
  const [border, bias] = [site.float('lambd', 0.5), site.float('bias', 0)];
  const negative = where(graph, less(graph, x, -border), add(graph, x, bias), 0);
  return where(graph, greater(graph, x, border), sub(graph, x, bias), negative);
}

/** ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
function geluByTanh(graph: Graph, x: Value): Value {
  const cubed = mul(graph, mul(graph, mul(graph, x, x), x), 0.044715);
  const inner = mul(graph, add(graph, x, cubed), Math.sqrt(2 / Math.PI));
  return mul(graph, x, mul(graph, add(graph, tanh(graph, inner), 1), 0.5));
}

/** Gelu of x + bias, where there is a bias. */
const biasedGelu = (build: (graph: Graph, x: Value) => Value): ImportRule =>
  whole((site) => {
    const bias = site.optional(1);
    const x = site.input(0);
    return [build(site.graph, bias === null ? x : add(site.graph, x, bias))];
  });

/** x·sigmoid(alpha·x). */
const swish = (defaultAlpha: number): ImportRule =>
  unary((graph, x, site) => mul(graph, x, sigmoid(graph, mul(graph, x, site.float('alpha', defaultAlpha)))));

/** Along one axis; before opset 13, over all axes from that one on, taken together. */
const alongAxis = (build: (graph: Graph, x: Value, axis: number) => Value): ImportRule =>
  unary((graph, x, site) => {
    const shape = shapeOf(x);
    const isFlattening = site.opset < 13;
    const axis = normalizeAxis(site.int('axis', isFlattening ? 1 : -1), shape.length);
    if (!isFlattening || axis === shape.length - 1) return build(graph, x, axis);
    const rows = elementCount(shape.slice(0, axis));
    return reshape(graph, build(graph, reshape(graph, x, [rows, -1]), 1), shape);
  });

/** 1 at the first maximum along the axis, else 0. */
function hardmax(graph: Graph, x: Value, axis: number): Value {
  const shape = shapeOf(x);
  const positions = Array.from({ length: shape[axis]! }, (_, position) => position);
  const line = int64Constant(
    graph,
    positions,
    shape.map((extent, index) => (index === axis ? extent : 1)),
  );
  return cast(graph, equal(graph, argMax(graph, x, axis, true), line), x.type.dtype);
}

export const activationRules: ImportRules = {
  Relu: unary(relu),
  LeakyRelu: unary((graph, x, site) => leaky(graph, x, site.float('alpha', 0.01))),
  PRelu: whole((site) => [leaky(site.graph, site.input(0), site.input(1, 'parameter'))]),
  ThresholdedRelu: unary((graph, x, site) => where(graph, greater(graph, x, site.float('alpha', 1)), x, 0)),
  Shrink: unary(shrink),
  Elu: unary((graph, x, site) => exponentialUnit(graph, x, site.float('alpha', 1))),
  Celu: unary((graph, x, site) => {
    const alpha = site.float('alpha', 1);
    return exponentialUnit(graph, x, alpha, alpha);
  }),
  Selu: unary((graph, x, site) => {
    const unit = exponentialUnit(graph, x, site.float('alpha', 1.6732632423543772));
    return mul(graph, unit, site.float('gamma', 1.0507009873554805));
  }),
  Sigmoid: unary(sigmoid),
  HardSigmoid: unary((graph, x, site) =>
    hardSigmoid(graph, x, site.float('alpha', 0.2), site.float('beta', 0.5)),
  ),
  HardSwish: unary((graph, x) => mul(graph, x, hardSigmoid(graph, x, 1 / 6, 0.5))),
  Swish: swish(1),
  Softplus: unary(softplus),
  Softsign: unary((graph, x) => div(graph, x, add(graph, abs(graph, x), 1))),
  Mish: unary((graph, x) => mul(graph, x, tanh(graph, softplus(graph, x)))),
  Gelu: unary((graph, x, site) =>
    site.text('approximate', 'none') === 'tanh' ? geluByTanh(graph, x) : gelu(graph, x),
  ),
  'com.microsoft.Gelu': unary(gelu),
  'com.microsoft.BiasGelu': biasedGelu(gelu),
  'com.microsoft.FastGelu': biasedGelu(geluByTanh),
  'com.microsoft.QuickGelu': swish(1.702),
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  Hardmax: { ...alongAxis(hardmax), isDifferentiable: false },
};
