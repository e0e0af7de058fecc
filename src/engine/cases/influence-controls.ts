/** @file Whether estimates of influence can be trusted: what they say of images of which it is known. */
import { quantile } from '../../core/linalg/ranks.ts';
import type { CaseControl } from '../../contract/cases-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import type { AttributionBackground } from '../storage/queries.ts';

type Control = AttributionBackground['controls'][number];

/** A training image has to be among so many of its own strongest proponents. */
const OWN_TOP = 10;
/** Part of the training images of which that has to hold. */
const FOUND = 0.75;

/** Standard deviations above the mean score of all training images; null where there is no score, or all are the same. */
export function standingOf(
  score: number | null,
  { mean, deviation }: Pick<Control, 'mean' | 'deviation'>,
): number | null {
  return score === null || deviation === 0 ? null : (score - mean) / deviation;
}

export function influenceControls(runId: RunId, background: AttributionBackground | null): CaseControl[] {
  const of = (role: Control['role']): Control[] =>
    (background?.controls ?? []).filter((control) => control.role === role);
  const named = (name: CaseControl['name'], verdict: Pick<CaseControl, 'met' | 'finding'>): CaseControl => ({
    ...{ name, check: 'influence', runId },
    ...verdict,
  });
  const known = of('training-image');
  const own = median(known.map((control) => standingOf(control.own?.score ?? null, control) ?? 0));
  return [
    named('known-training-image', judgeKnown(known)),
    named('held-out-image', judgeUnseen('Images that the model never saw', of('held-out-image'), own)),
    named('unrelated-query', judgeUnseen('A random pattern, unlike any image,', of('unrelated'), own)),
  ];
}

function judgeKnown(known: readonly Control[]): Pick<CaseControl, 'met' | 'finding'> {
  if (known.length === 0) return { met: null, finding: 'No training image was asked about.' };
  const found = known.filter(({ own }) => own !== null && own.rank <= OWN_TOP).length;
  return {
    met: found >= FOUND * known.length,
    finding: `${found} of ${known.length} training images, asked about as if they were queries, are among their own ${OWN_TOP} strongest proponents.`,
  };
}

/** What no training image can have caused has to stand lower than training images stand for themselves. */
function judgeUnseen(
  what: string,
  unseen: readonly Control[],
  own: number | null,
): Pick<CaseControl, 'met' | 'finding'> {
  const strongest = median(unseen.map((control) => standingOf(control.strongest, control) ?? 0));
  if (strongest === null || own === null)
    return { met: null, finding: `${what} were not asked about, so this was not checked.` };
  return {
    met: strongest < own,
    finding: `${what} have a strongest proponent ${strongest.toFixed(1)} standard deviations above the mean of all training images (median); training images stand ${own.toFixed(1)} above it for themselves.`,
  };
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : quantile(Float64Array.from(values), 0.5);
}
