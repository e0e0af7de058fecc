/** @file How far images move when what should be behind them was never learned, beside removing as many at random (METHODS §1.6, §3.7). */
import { Random } from '../base/random.ts';
import { deviation, quantile, type Numbers } from '../linalg/ranks.ts';
import { signTest } from './sign-test.ts';

const RESAMPLES = 1000;

export interface TypicalValue {
  readonly median: number;
  /** Standard deviation of the median over bootstrap resamples of the images. */
  readonly deviation: number;
}

export interface PairedComparison {
  /** Median over the images of own minus other. */
  readonly difference: number;
  /** Images of which own is larger. */
  readonly larger: number;
  /** Of the two-sided sign test. */
  readonly pValue: number;
}

/** `values`: one of each image, one at least. */
export function typicalValue(values: Numbers, seed: number): TypicalValue {
  const random = new Random(seed, 'counterfactual bootstrap');
  const medians = Array.from({ length: RESAMPLES }, () =>
    quantile(
      Float64Array.from(values, () => values[random.integer(values.length)]!),
      0.5,
    ),
  );
  return { median: quantile(values, 0.5), deviation: deviation(medians) };
}

/** Of the same images in the same order. */
export function comparePaired(own: Numbers, other: Numbers): PairedComparison {
  const differences = Float64Array.from(own, (value, index) => value - other[index]!);
  const { positive, pValue } = signTest(differences);
  return { difference: quantile(differences, 0.5), larger: positive, pValue };
}
