/** @file Import rules of comparisons, logic and selection. */
import type { Graph, Value } from '../../../graph/graph.ts';
import {
  and,
  cast,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  not,
  or,
  where,
} from '../../../ops/build.ts';
import { stepwise, whole, type ImportRule, type ImportRules } from '../import-rule.ts';

const binary = (build: (graph: Graph, a: Value, b: Value) => Value): ImportRule =>
  stepwise((site) => [build(site.graph, site.input(0), site.input(1))]);

/** Only equality is defined between bools: as numbers, they compare the same. */
function equalOfAnyType(graph: Graph, a: Value, b: Value): Value {
  return a.type.dtype === 'bool'
    ? equal(graph, cast(graph, a, 'int32'), cast(graph, b, 'int32'))
    : equal(graph, a, b);
}

export const comparisonRules: ImportRules = {
  Equal: binary(equalOfAnyType),
  Greater: binary(greater),
  GreaterOrEqual: binary(greaterOrEqual),
  Less: binary(less),
  LessOrEqual: binary(lessOrEqual),
  And: binary(and),
  Or: binary(or),
  Xor: binary((graph, a, b) => not(graph, equalOfAnyType(graph, a, b))),
  Not: stepwise((site) => [not(site.graph, site.input(0))]),
  // NaN alone differs from itself.
  IsNaN: stepwise((site) => [not(site.graph, equal(site.graph, site.input(0), site.input(0)))]),
  IsInf: stepwise((site) => {
    const { graph } = site;
    const x = site.input(0);
    const isPositive = equal(graph, x, Infinity);
    const isNegative = equal(graph, x, -Infinity);
    if (site.int('detect_positive', 1) === 0) return [isNegative];
    return [site.int('detect_negative', 1) === 0 ? isPositive : or(graph, isPositive, isNegative)];
  }),
  Where: whole((site) => [where(site.graph, site.input(0), site.input(1), site.input(2))]),
};
