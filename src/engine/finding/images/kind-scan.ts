/** @file What every kind of issue has in common: its threshold, how far an image lies beyond it, and the spread of all values. */
import { issueKindWords, type ImageIssueKind } from '../../../contract/issue-kinds.ts';
import type { FindIssuesConfig, MeasureHistogram } from '../../../contract/image-issues-service.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { FoundImageIssue, KindScan } from '../../storage/image-issues.ts';

const BINS = 40;

export type Thresholds = FindIssuesConfig['thresholds'];

/** The threshold that was chosen, or the kind's own; null for kinds without one. */
export function thresholdOf(kind: ImageIssueKind, chosen: Thresholds): number | null {
  return chosen[kind] ?? issueKindWords[kind].threshold?.value ?? null;
}

/** Looks through the values of one kind, one per image; NaN: the kind does not apply to the image. */
export function scanValues(
  kind: ImageIssueKind,
  ids: readonly SampleId[],
  values: Float64Array,
  chosen: Thresholds,
): KindScan {
  const limits = issueKindWords[kind].threshold!;
  const threshold = thresholdOf(kind, chosen)!;
  const farthest = limits.from === 'below' ? limits.least : limits.most;
  const issues = ids.flatMap((sampleId, place): FoundImageIssue[] => {
    const value = values[place]!;
    const isBeyond = limits.from === 'below' ? value < threshold : value > threshold;
    if (!isBeyond) return [];
    // A threshold at the very end leaves nothing to be graded.
    const score = farthest === threshold ? 1 : Math.min(1, (value - threshold) / (farthest - threshold));
    return [{ ...aboutImage(sampleId), score, value }];
  });
  issues.sort((a, b) => b.score - a.score || extremity(b, limits.from) - extremity(a, limits.from));
  return { kind, threshold, examined: ids.length, histogram: histogramOf(values), issues };
}

/** An issue of a single image. */
export function aboutImage(sampleId: SampleId, detail = ''): Omit<FoundImageIssue, 'score' | 'value'> {
  const members = [{ sampleId, similarity: null, relation: 'first' }] as const;
  return { key: String(sampleId), detail, conflicting: false, members };
}

/** Values beyond the farthest are graded alike, and told apart by themselves. */
function extremity({ value }: FoundImageIssue, from: 'below' | 'above'): number {
  return (from === 'below' ? -1 : 1) * value!;
}

function histogramOf(values: Float64Array): MeasureHistogram | null {
  const known = values.filter((value) => Number.isFinite(value)).sort();
  if (known.length === 0) return null;
  // One value in a thousand may lie anywhere: it would leave all others in one bin.
  const tail = Math.floor(known.length / 1000);
  const [from, to] = [known[tail]!, known[known.length - 1 - tail]!];
  const counts = new Array<number>(BINS).fill(0);
  const width = (to - from) / BINS || 1;
  for (const value of known) counts[Math.max(0, Math.min(BINS - 1, Math.floor((value - from) / width)))]!++;
  return { from, to, counts };
}
