/** @file Derivatives of the operators that normalise the last axis. All sums and means below run over that axis, of length L. */
import { present } from '../../base/assert.ts';
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import { addAll, exp, mean, mul, sub, sum } from '../build.ts';
import type { GradientRules } from '../rule.ts';

const lastAxis = { axes: [-1], keepDims: true };

/**
 * x̂ = (x − mean)·r: the direct path r·dx̂, less what moves the mean and the variance:
 * dx = r·(dx̂ − mean(dx̂) − x̂·mean(dx̂·x̂)).
 */
function standardizedPart(graph: Graph, cotangent: Value, standardized: Value, factor: Value): Value {
  const centred = sub(graph, cotangent, mean(graph, cotangent, lastAxis));
  const along = mul(graph, standardized, mean(graph, mul(graph, cotangent, standardized), lastAxis));
  return mul(graph, factor, sub(graph, centred, along));
}

/** r = (variance + ε)^(−½): dr/dxᵢ = −½r³·2(xᵢ − mean)/L = −r²·x̂ᵢ/L. */
function factorPart(graph: Graph, cotangent: Value, standardized: Value, factor: Value): Value {
  const length = shapeOf(standardized).at(-1)!;
  const slope = mul(graph, mul(graph, factor, factor), -1 / length);
  return mul(graph, standardized, mul(graph, cotangent, slope));
}

export const normalizationGradients = {
  Standardize: (graph, { outputs }, [ofStandardized, ofFactor]) => {
    const [standardized, factor] = [outputs[0]!, outputs[1]!];
    const parts: Value[] = [];
    if (ofStandardized) parts.push(standardizedPart(graph, ofStandardized, standardized, factor));
    if (ofFactor) parts.push(factorPart(graph, ofFactor, standardized, factor));
    return [parts.length === 0 ? null : addAll(graph, parts)];
  },
  // dyᵢ/dxⱼ = yᵢ(δᵢⱼ − yⱼ).
  Softmax: (graph, { outputs }, [cotangent]) => {
    const dy = present(cotangent, 'dy');
    const weighted = mul(graph, dy, outputs[0]!);
    return [sub(graph, weighted, mul(graph, outputs[0]!, sum(graph, weighted, lastAxis)))];
  },
  // dyᵢ/dxⱼ = δᵢⱼ − softmax(x)ⱼ, and softmax(x) = exp(y).
  LogSoftmax: (graph, { outputs }, [cotangent]) => {
    const dy = present(cotangent, 'dy');
    return [sub(graph, dy, mul(graph, exp(graph, outputs[0]!), sum(graph, dy, lastAxis)))];
  },
} satisfies Partial<GradientRules>;
