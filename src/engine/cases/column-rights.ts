/** @file What columns of imported tables say of the rights of a group: only where all of its members agree. */
import type { GroupRights } from '../../contract/cases-service.ts';

/** Names of columns, without case, spaces, dashes and underscores; the first that is there counts. */
const COLUMNS = {
  rightsHolder: ['rightsholder', 'copyrightholder', 'rightsowner', 'copyright', 'owner'],
  licence: ['licence', 'license', 'licencename', 'licensename', 'rights'],
  optOut: ['optout', 'optedout', 'noai', 'donottrain'],
} as const;

const YES = new Set(['1', 'true', 'yes', 'y', 'x', 'opt-out', 'opted-out', 'opted out']);
const NO = new Set(['0', 'false', 'no', 'n', 'opt-in', 'opted-in', 'not-opted-out']);

export interface MemberValue {
  readonly name: string;
  readonly value: string;
  /** Members that have it. */
  readonly count: number;
}

export function rightsFromColumns(
  values: readonly MemberValue[],
  memberCount: number,
): Pick<GroupRights, 'rightsHolder' | 'licence' | 'optOut'> {
  const agreed = new Map<string, string>();
  for (const { name, value, count } of values)
    if (count === memberCount) agreed.set(name.toLowerCase().replaceAll(/[\s_-]/g, ''), value);
  const first = (names: readonly string[]): string => {
    const found = names.find((name) => agreed.has(name));
    return found === undefined ? '' : agreed.get(found)!;
  };
  return {
    rightsHolder: first(COLUMNS.rightsHolder),
    licence: first(COLUMNS.licence),
    optOut: toOptOut(first(COLUMNS.optOut)),
  };
}

function toOptOut(value: string): GroupRights['optOut'] {
  const word = value.trim().toLowerCase();
  if (YES.has(word)) return 'opted-out';
  return NO.has(word) ? 'not-opted-out' : 'unknown';
}
