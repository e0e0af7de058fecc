/** @file Derivatives of pooling and resampling. All but MaxPool are linear; MaxPool is linear once its positions are known. */
import { present } from '../../base/assert.ts';
import { shapeOf } from '../../graph/graph.ts';
import { apply } from '../apply.ts';
import {
  averagePoolInputGradient,
  downsampleSum,
  flatGather,
  flatScatterAdd,
  plainAverage,
  upsampleNearest,
} from '../build.ts';
import type { GradientRules } from '../rule.ts';

export const poolingGradients = {
  // Positions of the maxima are the second output; they are locally constant, so nothing flows through them.
  MaxPool: (graph, { inputs, outputs }, [dy]) => [
    dy === null || dy === undefined ? null : flatScatterAdd(graph, dy, outputs[1]!, shapeOf(inputs[0]!)),
  ],
  FlatScatterAdd: (graph, { inputs }, [dy]) => [flatGather(graph, present(dy, 'dy'), inputs[1]!), null],
  FlatGather: (graph, { inputs }, [dy]) => [
    flatScatterAdd(graph, present(dy, 'dy'), inputs[1]!, shapeOf(inputs[0]!)),
    null,
  ],
  AveragePool: (graph, { inputs, attributes }, [dy]) => [
    averagePoolInputGradient(graph, present(dy, 'dy'), attributes, shapeOf(inputs[0]!)),
  ],
  AveragePoolInputGradient: (graph, { attributes }, [dx]) => [
    apply(graph, 'AveragePool', [present(dx, 'the cotangent of dx')], plainAverage(attributes)),
  ],
  UpsampleNearest: (graph, { attributes }, [dy]) => [
    downsampleSum(graph, present(dy, 'dy'), attributes.scale),
  ],
  DownsampleSum: (graph, { attributes }, [dy]) => [
    upsampleNearest(graph, present(dy, 'dy'), attributes.scale),
  ],
} satisfies Partial<GradientRules>;
