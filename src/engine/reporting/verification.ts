/** @file What a verification answers: all that did not pass, and what passed in few rows. */
import type { Verification, VerifiedPart } from '../../contract/reports-service.ts';

/** A list that a person can read; what lies beyond is counted. */
const MOST_TOLD = 500;

const plurals: Readonly<Record<VerifiedPart['kind'], string>> = {
  'bundle-file': 'files of the bundle',
  event: 'events',
  chain: 'chains',
  signature: 'signatures',
  'source-file': 'training images',
  'query-file': 'query images',
  'model-file': 'files of models',
  rerun: 'repeated computations',
};

export function summariseParts(parts: readonly VerifiedPart[]): VerifiedPart[] {
  const failed = parts.filter(({ result }) => result !== 'pass' && result !== 'not-checked');
  const others = parts.filter(({ result }) => result === 'not-checked');
  const passed = Map.groupBy(
    parts.filter(({ result }) => result === 'pass'),
    ({ kind }) => kind,
  );
  return [
    ...failed.slice(0, MOST_TOLD),
    ...beyond(failed.slice(MOST_TOLD)),
    ...others,
    ...[...passed].map(([kind, group]): VerifiedPart =>
      group.length === 1
        ? group[0]!
        : {
            kind,
            name: `${group.length} ${plurals[kind]}`,
            result: 'pass',
            detail: 'Each is as it was written down.',
          },
    ),
  ];
}

function beyond(left: readonly VerifiedPart[]): VerifiedPart[] {
  return [...Map.groupBy(left, ({ kind, result }) => `${kind} ${result}`).values()].map((group) => ({
    ...group[0]!,
    name: `${group.length} more ${plurals[group[0]!.kind]}`,
    detail: 'Not told one by one.',
  }));
}

export function passed(parts: readonly VerifiedPart[]): Verification['passed'] {
  return parts.every(({ result }) => result === 'pass' || result === 'not-checked');
}
