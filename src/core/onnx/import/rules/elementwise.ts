/** @file Import rules of the element-wise operators, activation functions among them. */
import { add, cast, div, mul, relu, sub } from '../../../ops/build.ts';
import type { Graph, Value } from '../../../graph/graph.ts';
import { whole, limited, type ImportRule, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import { elementTypeOf } from '../../element-types.ts';
import { importedType } from '../as-float32.ts';

/** An operator that is one operator here. */
const unary = (build: (graph: Graph, x: Value) => Value): ImportRule =>
  whole((site) => [build(site.graph, site.input(0))]);

const binary = (build: (graph: Graph, a: Value, b: Value) => Value): ImportRule =>
  whole((site) => [build(site.graph, site.input(0), site.input(1))]);

/** Between floats a cast does nothing: all are float32 here. */
function castTo(site: ImportSite, code: number): Value {
  const { name, dtype } = elementTypeOf(code);
  const wanted = dtype ?? site.refuse(`the element type ${name} is not supported`);
  return cast(site.graph, site.input(0), importedType(wanted));
}

export const elementwiseRules: ImportRules = {
  Add: binary(add),
  Sub: binary(sub),
  Mul: binary(mul),
  Div: binary(div),
  Relu: unary(relu),
  Identity: unary((_, x) => x),
  Cast: limited('float types are all float32', (site) => [castTo(site, site.int('to', 0))]),
};
