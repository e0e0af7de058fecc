/** @file What is wrong with single pictures: blank, dark, over-exposed, blurred, tiny, of odd shape. */
import { robustDeviations } from '../../../core/curation/images/robust-deviation.ts';
import { quantile } from '../../../core/linalg/ranks.ts';
import type { ImageIssueKind } from '../../../contract/issue-kinds.ts';
import type { KindScan } from '../../storage/image-issues.ts';
import type { MeasuredSample } from '../../storage/image-measures.ts';
import { scanValues, thresholdOf, type Thresholds } from './kind-scan.ts';

/** Below this a ramp would be infinitely blurred. */
const LEAST_SHARPNESS = 1e-6;

type QualityKind = Extract<ImageIssueKind, 'blank' | 'dark' | 'bright' | 'blurred' | 'tiny' | 'odd-aspect'>;

/** One value per image in the unit of the kind; `isBlank` tells images that show nothing. */
const valuesOf: Readonly<
  Record<
    QualityKind,
    (samples: readonly MeasuredSample[], isBlank: (sample: MeasuredSample) => boolean) => Float64Array
  >
> = {
  blank: (samples) => Float64Array.from(samples, (sample) => sample.contrast),
  // What shows nothing is called blank, and nothing else.
  dark: (samples, isBlank) =>
    Float64Array.from(samples, (sample) => (isBlank(sample) ? NaN : sample.highlights)),
  bright: (samples, isBlank) =>
    Float64Array.from(samples, (sample) => (isBlank(sample) ? NaN : sample.shadows)),
  blurred: (samples, isBlank) =>
    robustDeviations(
      Float64Array.from(samples, (sample) =>
        isBlank(sample) ? NaN : Math.log(Math.max(LEAST_SHARPNESS, sample.sharpness)),
      ),
    ),
  tiny: (samples) =>
    againstMedian(Float64Array.from(samples, ({ width, height }) => Math.sqrt(width * height))),
  'odd-aspect': (samples) =>
    againstMedian(Float64Array.from(samples, ({ width, height }) => width / height)).map((ratio) =>
      Math.max(ratio, 1 / ratio),
    ),
};

export function judgeQuality(
  samples: readonly MeasuredSample[],
  kinds: readonly ImageIssueKind[],
  thresholds: Thresholds,
): KindScan[] {
  const ids = samples.map(({ id }) => id);
  const isBlank = blankTest(thresholds);
  return kinds
    .filter((kind): kind is QualityKind => kind in valuesOf)
    .map((kind) => scanValues(kind, ids, valuesOf[kind](samples, isBlank), thresholds));
}

/** Whether an image shows nothing: it can be compared with no other. */
export function blankTest(thresholds: Thresholds): (sample: MeasuredSample) => boolean {
  const limit = thresholdOf('blank', thresholds)!;
  return ({ contrast }) => contrast < limit;
}

function againstMedian(values: Float64Array): Float64Array {
  if (values.length === 0) return values;
  const median = quantile(values, 0.5);
  return values.map((value) => value / median);
}
