/** @file Import rules of the element-wise arithmetic of ONNX, on floats and, for shape arithmetic, on integers. */
import type { Graph, Value } from '../../../graph/graph.ts';
import {
  abs,
  add,
  cast,
  clip,
  constant,
  cos,
  div,
  erf,
  exp,
  floor,
  log,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  sign,
  sin,
  sqrt,
  sub,
  tanh,
} from '../../../ops/build.ts';
import { isFloat, numbersOf, type DType } from '../../../tensor/tensor.ts';
import { elementCount } from '../../../tensor/tensor.ts';
import { elementTypeOf } from '../../element-types.ts';
import { importedType } from '../as-float32.ts';
import { limited, stepwise, whole, type ImportRule, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import { ceil, cosh, inverseHyperbolic, roundHalfEven, sinh, tan } from './elementary-functions.ts';

type Unary = (graph: Graph, x: Value) => Value;
type Binary = (graph: Graph, a: Value, b: Value) => Value;

const unary = (build: Unary): ImportRule => whole((site) => [build(site.graph, site.input(0))]);

/** A function that is constant but for jumps. */
const steps = (build: Unary): ImportRule => stepwise((site) => [build(site.graph, site.input(0))]);

const binary = (build: Binary): ImportRule =>
  whole((site) => [build(site.graph, site.input(0), site.input(1))]);

/** Images have no more channels than this. */
const IMAGE_CHANNELS = 4;

/**
 * Whether an operand holds one number per channel of the other, a feature map. Exporters fold the scale and the shift of a normalisation
 * into such constants, under names of their own: they are learned all the same.
 */
function isPerChannel(operand: Value, map: Value): boolean {
  const { shape } = map.type;
  const channels = shape[1] ?? 1;
  const missing = shape.length - operand.type.shape.length;
  if (map.source.kind !== 'node' || shape.length < 3 || channels <= IMAGE_CHANNELS || missing < 0)
    return false;
  const aligned = [...shape.slice(0, missing).map(() => 1), ...operand.type.shape];
  return aligned.every((extent, axis) => extent === (axis === 1 ? channels : 1));
}

/** Add and Mul, which may be the rest of a normalisation. */
const affine = (build: Binary): ImportRule =>
  whole((site) => {
    const [a, b] = [site.input(0, 'frozen'), site.input(1, 'frozen')];
    const role = isPerChannel(a, b) || isPerChannel(b, a) ? 'parameter' : 'value';
    return [build(site.graph, site.input(0, role), site.input(1, role))];
  });

/** Any number of inputs. */
const variadic = (build: Binary): ImportRule =>
  whole((site) => [site.inputs().reduce((total, value) => build(site.graph, total, value))]);

/** `build` in float64, which holds every integer of shape arithmetic; back in the integers, what is left of a fraction falls away. */
function inFloat64(graph: Graph, a: Value, b: Value, build: Binary): Value {
  const { dtype } = a.type;
  return cast(graph, build(graph, cast(graph, a, 'float64'), cast(graph, b, 'float64')), dtype);
}

const onIntegersToo =
  (build: Binary): Binary =>
  (graph, a, b) =>
    isFloat(a.type.dtype) ? build(graph, a, cast(graph, b, a.type.dtype)) : inFloat64(graph, a, b, build);

/** a − b·⌊a/b⌋, of b's sign; with `fmod`, of a's sign. */
function modulo(site: ImportSite): Value {
  const towardsZero = site.int('fmod', 0) === 1;
  const remainder: Binary = (graph, a, b) => {
    const [divided, divisor] = towardsZero ? [abs(graph, a), abs(graph, b)] : [a, b];
    const whole = mul(graph, divisor, floor(graph, div(graph, divided, divisor)));
    const rest = sub(graph, divided, whole);
    return towardsZero ? mul(graph, sign(graph, a), rest) : rest;
  };
  return onIntegersToo(remainder)(site.graph, site.input(0), site.input(1));
}

function castTo(site: ImportSite, wanted: DType): Value {
  return cast(site.graph, site.input(0), importedType(wanted));
}

function typeOfCode(site: ImportSite, code: number): DType {
  const { name, dtype } = elementTypeOf(code);
  return dtype ?? site.refuse(`the element type ${name} is not supported`);
}

/** From here on a bound bounds nothing: exporters write float32's largest number for "none". */
const UNBOUNDED = 3.4e38;

/** Attributes before opset 11, inputs since. A bound may depend on the image. */
function clipBetween(site: ImportSite): Value {
  const low = site.has(1) ? site.input(1) : site.float('min', -Infinity);
  const high = site.has(2) ? site.input(2) : site.float('max', Infinity);
  const [from, to] = [fixedBound(low), fixedBound(high)];
  const x = site.input(0);
  if (isFloat(x.type.dtype) && from !== null && to !== null) {
    const [least, most] = [from <= -UNBOUNDED ? -Infinity : from, to >= UNBOUNDED ? Infinity : to];
    return clip(site.graph, x, Math.min(least, most), most);
  }
  const raised = low === -Infinity ? x : maximum(site.graph, x, low);
  return high === Infinity ? raised : minimum(site.graph, raised, high);
}

function fixedBound(bound: Value | number): number | null {
  if (typeof bound === 'number') return bound;
  return bound.source.kind === 'constant' ? numbersOf(bound.source.tensor)[0]! : null;
}

/** As when the model is used: nothing is dropped, and the mask, should somebody read it, is all true. */
function dropout(site: ImportSite): Value[] {
  const x = site.input(0);
  if (site.outputCount < 2) return [x];
  const { shape } = x.type;
  return [x, constant(site.graph, shape, new Uint8Array(elementCount(shape)).fill(1), 'bool')];
}

const floatsAlike = 'float types are all float32';

export const elementwiseRules: ImportRules = {
  Add: affine(add),
  Sub: binary(sub),
  Mul: affine(mul),
  Div: binary(onIntegersToo(div)),
  Pow: binary(onIntegersToo(pow)),
  Mod: whole((site) => [modulo(site)]),
  Max: variadic(maximum),
  Min: variadic(minimum),
  Sum: variadic(add),
  Mean: whole((site) => {
    const total = site.inputs().reduce((sum, value) => add(site.graph, sum, value));
    return [mul(site.graph, total, 1 / site.inputCount)];
  }),
  Abs: unary(abs),
  Neg: unary(neg),
  Sign: steps(sign),
  Exp: unary(exp),
  Log: unary(log),
  Sqrt: unary(sqrt),
  Reciprocal: unary(reciprocal),
  Floor: steps(floor),
  Ceil: steps(ceil),
  Round: steps(roundHalfEven),
  Sin: unary(sin),
  Cos: unary(cos),
  Tan: unary(tan),
  Sinh: unary(sinh),
  Cosh: unary(cosh),
  Asinh: unary(inverseHyperbolic.sine),
  Acosh: unary(inverseHyperbolic.cosine),
  Atanh: unary(inverseHyperbolic.tangent),
  Tanh: unary(tanh),
  Erf: unary(erf),
  Clip: whole((site) => [clipBetween(site)]),
  Identity: unary((_, x) => x),
  Dropout: limited('as in inference: the identity', dropout),
  Cast: limited(floatsAlike, (site) => [castTo(site, typeOfCode(site, site.int('to', 0)))]),
  CastLike: limited(floatsAlike, (site) => [castTo(site, site.input(1).type.dtype)]),
};
