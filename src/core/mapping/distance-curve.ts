/** @file The curve 1 / (1 + a·d^(2b)) that says how near points of a map lie for how strong a hold (UMAP, §3.2). */

export interface DistanceCurve {
  readonly a: number;
  readonly b: number;
}

const SAMPLES = 300;
const FARTHEST = 3;
const STEPS = 200;

/** Fitted to 1 up to `leastDistance` and exp(leastDistance − d) beyond; least squares by damped Gauss–Newton steps. */
export function fitDistanceCurve(leastDistance: number): DistanceCurve {
  const points = Array.from({ length: SAMPLES }, (_, index) => {
    const distance = (FARTHEST * (index + 1)) / SAMPLES;
    return { distance, wanted: distance <= leastDistance ? 1 : Math.exp(leastDistance - distance) };
  });
  const errorOf = ({ a, b }: DistanceCurve): number =>
    points.reduce((sum, { distance, wanted }) => sum + (valueAt(distance, a, b) - wanted) ** 2, 0);
  let curve: DistanceCurve = { a: 1, b: 1 };
  let [error, damping] = [errorOf(curve), 1e-3];
  for (let step = 0; step < STEPS; step++) {
    const next = dampedStep(points, curve, damping);
    const nextError = next.a > 0 && next.b > 0 ? errorOf(next) : Infinity;
    if (nextError < error) [curve, error, damping] = [next, nextError, damping / 3];
    else damping *= 4;
  }
  return curve;
}

function valueAt(distance: number, a: number, b: number): number {
  return 1 / (1 + a * distance ** (2 * b));
}

function dampedStep(
  points: readonly { readonly distance: number; readonly wanted: number }[],
  { a, b }: DistanceCurve,
  damping: number,
): DistanceCurve {
  let [aa, ab, bb, ra, rb] = [0, 0, 0, 0, 0];
  for (const { distance, wanted } of points) {
    const power = distance ** (2 * b);
    const value = 1 / (1 + a * power);
    const [byA, byB] = [-(value ** 2) * power, -(value ** 2) * a * power * 2 * Math.log(distance)];
    const residual = value - wanted;
    aa += byA * byA;
    ab += byA * byB;
    bb += byB * byB;
    ra += byA * residual;
    rb += byB * residual;
  }
  aa *= 1 + damping;
  bb *= 1 + damping;
  const determinant = aa * bb - ab * ab;
  return { a: a - (bb * ra - ab * rb) / determinant, b: b - (aa * rb - ab * ra) / determinant };
}
