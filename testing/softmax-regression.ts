/** @file Softmax regression with everything written out: gradients, curvature, fitting by Newton steps. What curvature methods are held against. */
import { Random } from '../src/core/base/random.ts';
import { factorise, solve } from '../src/core/linalg/cholesky.ts';
import { plainMatrixEngine } from '../src/core/linalg/matrix-engine.ts';
import { makeMatrix, transpose, zeros64, type Matrix64 } from '../src/core/linalg/matrix.ts';

export interface Regression {
  readonly classes: number;
  /** [n, d] */
  readonly inputs: Matrix64;
  readonly labels: readonly number[];
}

/** Clouds of points that overlap; labels follow them. */
export function drawRegression(samples: number, features: number, classes: number, seed = 1): Regression {
  const random = new Random(seed, 'softmax regression');
  const centres = Float64Array.from({ length: classes * features }, () => 0.7 * random.normal());
  const labels = Array.from({ length: samples }, (_, sample) => sample % classes);
  const inputs = zeros64(samples, features);
  for (const [sample, label] of labels.entries()) {
    for (let feature = 0; feature < features; feature++)
      inputs.data[sample * features + feature] = centres[label * features + feature]! + random.normal();
  }
  return { classes, inputs, labels };
}

export function probabilitiesAt(
  { classes, inputs }: Regression,
  parameters: Float64Array,
  sample: number,
): number[] {
  const features = inputs.columns;
  const logits = Array.from({ length: classes }, (_, c) => {
    let sum = 0;
    for (let feature = 0; feature < features; feature++)
      sum += parameters[c * features + feature]! * inputs.data[sample * features + feature]!;
    return sum;
  });
  const largest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / total);
}

/** ∇ of −log p_label of each sample, [n, classes · d]; of the labels, or of others in their place. */
export function gradientsOf(
  regression: Regression,
  parameters: Float64Array,
  labels = regression.labels,
): Matrix64 {
  const { classes, inputs } = regression;
  const features = inputs.columns;
  const gradients = zeros64(inputs.rows, classes * features);
  for (let sample = 0; sample < inputs.rows; sample++) {
    for (const [c, p] of probabilitiesAt(regression, parameters, sample).entries()) {
      const error = p - (c === labels[sample] ? 1 : 0);
      for (let feature = 0; feature < features; feature++)
        gradients.data[(sample * classes + c) * features + feature] =
          error * inputs.data[sample * features + feature]!;
    }
  }
  return gradients;
}

/** The mean Hessian of the loss, which here is the Gauss–Newton matrix: Σ_c p_c g_c g_cᵀ with the gradient g_c for label c. */
export async function curvatureOf(regression: Regression, parameters: Float64Array): Promise<Matrix64> {
  const { classes, inputs } = regression;
  const sum = zeros64(parameters.length, parameters.length);
  for (let c = 0; c < classes; c++) {
    const gradients = gradientsOf(
      regression,
      parameters,
      regression.labels.map(() => c),
    );
    for (let sample = 0; sample < inputs.rows; sample++) {
      const root = Math.sqrt(probabilitiesAt(regression, parameters, sample)[c]! / inputs.rows);
      for (let index = 0; index < parameters.length; index++)
        gradients.data[sample * parameters.length + index]! *= root;
    }
    const part = await plainMatrixEngine.multiply(gradients, gradients, { transposeA: true });
    part.data.forEach((value, index) => (sum.data[index]! += value));
  }
  return sum;
}

/** Rows x of (matrix + shift·I)x = rows of `right`. */
export async function solveRows(matrix: Matrix64, shift: number, right: Matrix64): Promise<Matrix64> {
  const factor = await factorise(matrix, shift, plainMatrixEngine);
  return transpose(await solve(factor, transpose(right), plainMatrixEngine));
}

/** The minimum of mean loss + decay/2·‖θ‖² over the samples whose weight is 1, the mean being over all of them. */
export async function fitRegression(
  regression: Regression,
  { decay, without = -1, from }: { decay: number; without?: number; from?: Float64Array },
): Promise<Float64Array> {
  const { classes, inputs, labels } = regression;
  const features = inputs.columns;
  const kept = labels.flatMap((_, sample) => (sample === without ? [] : [sample]));
  const rest: Regression = {
    classes,
    labels: kept.map((sample) => labels[sample]!),
    inputs: makeMatrix(
      kept.length,
      features,
      Float64Array.from(kept.flatMap((s) => [...inputs.data.subarray(s * features, (s + 1) * features)])),
    ),
  };
  const share = kept.length / labels.length;
  const parameters = from?.slice() ?? new Float64Array(classes * features);
  for (let largest = Infinity; largest > 1e-10;) {
    const gradients = gradientsOf(rest, parameters);
    const mean = makeMatrix(
      1,
      parameters.length,
      parameters.map((value) => decay * value),
    );
    gradients.data.forEach((value, i) => (mean.data[i % parameters.length]! += value / labels.length));
    const curvature = await curvatureOf(rest, parameters);
    const scaled = { ...curvature, data: curvature.data.map((value) => value * share) };
    const move = await solveRows(scaled, decay, mean);
    move.data.forEach((value, index) => (parameters[index]! -= value));
    largest = Math.max(...move.data.map(Math.abs));
  }
  return parameters;
}
