/** @file Whether what a case rests on can be trusted: the controls of each run, and all of them together. */
import type {
  CaseCheck,
  CaseControl,
  CaseRun,
  CopySearch,
  QueryCopies,
} from '../../contract/cases-service.ts';
import type { GroupControl } from '../../contract/groups-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';

type Verdict = Pick<CaseControl, 'met' | 'finding'>;

/** Part of the changed training images, mirrored and cropped, that have to be found. */
const CHANGED_FOUND = 0.75;
/** One held-out image may really have a copy among the training images; more of them say that too much passes for one. */
const HELD_OUT_NEAR = 1 / 8;

export function copyControls({ runId, queries }: CopySearch): CaseControl[] {
  const of = (role: QueryCopies['role']): QueryCopies[] => queries.filter((query) => query.role === role);
  const named = (name: CaseControl['name'], verdict: Verdict): CaseControl => ({
    ...{ name, check: 'copies', runId },
    ...verdict,
  });
  return [
    named('known-training-image', judgeKnown(of('training-image'))),
    named('held-out-image', judgeHeldOut(of('held-out-image'))),
    named('unrelated-query', judgeUnrelated(of('unrelated'))),
  ];
}

function judgeKnown(known: readonly QueryCopies[]): Verdict {
  if (known.length === 0) return { met: null, finding: 'No training image was looked for.' };
  const isFound = ({ sampleId, matches }: QueryCopies): boolean =>
    matches.some((match) => match.sampleId === sampleId && isNear(match.step));
  const same = known.filter(({ change }) => change === '');
  const changed = known.filter(({ change }) => change !== '');
  const [sameFound, changedFound] = [same.filter(isFound).length, changed.filter(isFound).length];
  return {
    met: sameFound === same.length && changedFound >= CHANGED_FOUND * changed.length,
    finding: `${sameFound} of ${same.length} training images were found as they are, and ${changedFound} of ${changed.length} that were mirrored or cropped.`,
  };
}

function judgeHeldOut(heldOut: readonly QueryCopies[]): Verdict {
  if (heldOut.length === 0)
    return {
      met: null,
      finding: 'The project has no val or test images that are known not to be training images.',
    };
  const near = heldOut.filter(hasNear).length;
  return {
    met: near <= Math.max(1, Math.floor(HELD_OUT_NEAR * heldOut.length)),
    finding: `${near} of ${heldOut.length} images that are no training images have a near-copy among them: the more, the less a near-copy says.`,
  };
}

function judgeUnrelated(unrelated: readonly QueryCopies[]): Verdict {
  if (unrelated.length === 0) return { met: null, finding: 'No unrelated pattern was looked for.' };
  const near = unrelated.filter(hasNear).length;
  return {
    met: near === 0,
    finding:
      near === 0
        ? 'A random pattern, unlike any image, has no near-copy, as it should be.'
        : 'A random pattern, unlike any image, has a near-copy: too much passes for one.',
  };
}

function hasNear({ matches }: QueryCopies): boolean {
  return matches.some(({ step }) => isNear(step));
}

function isNear(step: string): boolean {
  return step === 'manifest' || step === 'near-copy';
}

export function groupControls(
  check: CaseCheck,
  runId: RunId,
  controls: readonly GroupControl[],
): CaseControl[] {
  return controls.map((control) => ({ ...control, check, runId }));
}

/**
 * Whether a run's controls let its findings be relied on: false where one failed, null where one that could have been checked was not. A project may have no
 * held-out images: that alone holds nothing up.
 */
export function controlsOfRunMet(controls: readonly CaseControl[], runId: RunId): boolean | null {
  return together(
    controls
      .filter((control) => control.runId === runId)
      .filter(({ name, met }) => met !== null || name !== 'held-out-image')
      .map(({ met }) => met),
  );
}

/** A run of a case, with what `controlsOfRunMet` says of it. */
export type JudgedRun = Pick<CaseRun, 'runId' | 'check' | 'status' | 'outdated'> & {
  readonly met: boolean | null;
};

/** Over all runs of a case that count, each of which has to be finished; an outdated run has to be done again before its controls count. */
export function allControlsMet(runs: readonly JudgedRun[]): boolean | null {
  // Of searches for copies only the newest that finished counts: it is about all queries.
  const newest = runs.findLast(({ check, status }) => check === 'copies' && status === 'finished');
  return together(
    runs
      .filter((run) => run.check !== 'copies' || newest === undefined || run === newest)
      .map(({ status, outdated, met }) => (status !== 'finished' || (outdated && met === true) ? null : met)),
  );
}

function together(met: readonly (boolean | null)[]): boolean | null {
  if (met.includes(false)) return false;
  return met.length === 0 || met.includes(null) ? null : true;
}
