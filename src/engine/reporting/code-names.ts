/**
 * @file Code names for groups and rights-holders in what leaves the house, and the key that says whose they are, which stays.
 *
 * [Note: Code names] A group is G and its number; a rights-holder is R and the place at which the case's events name him first, so that a code never changes as a case
 * goes on. Names are replaced wherever people or files wrote them: whole names however their words are joined (`claude_monet`), and each longer word of a name alone.
 * Paths of training images are replaced whole by the image's number, because folders are called like artists.
 */
import type { CaseFile } from '../../contract/cases-service.ts';

export interface CodeName {
  readonly code: string;
  readonly kind: 'group' | 'rights-holder';
  /** All that it was called in the case, the newest last. */
  readonly names: readonly string[];
}

/** What of an event may name somebody. */
export interface NamingEvent {
  readonly payload: object;
}

export function makeCodeNames(
  { groups, shares }: Pick<CaseFile, 'groups' | 'shares'>,
  events: readonly NamingEvent[],
): CodeName[] {
  const groupNames = new Map<number, Set<string>>();
  const holders = new Set<string>();
  const note = (groupId: number, name: string): void => {
    groupNames.set(groupId, (groupNames.get(groupId) ?? new Set()).add(name));
  };
  const rights = [...events.flatMap(({ payload }) => namedIn(payload)), ...groups];
  for (const { groupId, name, rightsHolder } of rights) {
    note(groupId, name);
    if (rightsHolder !== '') holders.add(rightsHolder);
  }
  for (const { groupId, name } of shares.flatMap((one) => one.groups)) note(groupId, name);
  return [
    ...Array.from(groupNames, ([groupId, names]): CodeName => ({
      code: `G${groupId}`,
      kind: 'group',
      names: [...names],
    })),
    ...[...holders].map((name, index): CodeName => ({
      code: `R${index + 1}`,
      kind: 'rights-holder',
      names: [name],
    })),
  ];
}

type Naming = Pick<CaseFile['groups'][number], 'groupId' | 'name' | 'rightsHolder'>;

/** Groups that an event notes the rights of. */
function namedIn(payload: object): readonly Naming[] {
  const { action, groups } = payload as { action?: unknown; groups?: unknown };
  return action === 'set-rights' && Array.isArray(groups) ? (groups as Naming[]) : [];
}

/** Replaces names in a text of people or files. */
export type ReplaceNames = (text: string) => string;

const BETWEEN_WORDS = String.raw`(?:[\s_.\-/+]|%20)*`;
/** Shorter words, and numbers, are as likely something else. */
const LEAST_LETTERS = 4;
/** 'two Monets', 'the coats'. */
const PLURAL = '(?:e?s)?';

export function nameReplacer(codes: readonly CodeName[]): ReplaceNames {
  const codeOf = new Map<string, string>();
  for (const { code, names } of codes)
    for (const name of names) {
      const words = wordsOf(name);
      const whole = words.map(escapePattern).join(BETWEEN_WORDS);
      if (/\p{L}{2}/u.test(name)) keep(codeOf, name.length < LEAST_LETTERS ? whole : whole + PLURAL, code);
      for (const word of words) if (isTelling(word)) keep(codeOf, escapePattern(word) + PLURAL, code);
    }
  if (codeOf.size === 0) return (text) => text;
  const patterns = [...codeOf.keys()].sort((a, b) => b.length - a.length);
  const each = patterns.map((pattern) => ({
    pattern: new RegExp(`^${pattern}$`, 'iu'),
    code: codeOf.get(pattern)!,
  }));
  const any = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${patterns.join('|')})(?![\p{L}\p{N}])`, 'giu');
  return (text) =>
    text
      .normalize('NFC')
      .replace(any, (found) => each.find(({ pattern }) => pattern.test(found))?.code ?? 'X');
}

/** Two holders may share a word: the first keeps it, and neither is told. */
function keep(codeOf: Map<string, string>, pattern: string, code: string): void {
  if (!codeOf.has(pattern)) codeOf.set(pattern, code);
}

function wordsOf(name: string): string[] {
  return name
    .normalize('NFC')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function isTelling(word: string): boolean {
  return (
    word.length >= LEAST_LETTERS &&
    /\p{L}/u.test(word) &&
    !/^(group|image|images|train|label|folder|class)$/i.test(word)
  );
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** Fields whose values are words of the program, times or hashes, and never names. */
const STRUCTURAL = new Set([
  'action',
  'at',
  'check',
  'status',
  'verdict',
  'optOut',
  'source',
  'answer',
  'sha256',
  'querySha256',
  'sampleSha256',
]);

/** Every text in a tree of data but those of structural fields. */
export function mapTexts<Tree>(tree: Tree, change: (text: string) => string): Tree {
  if (typeof tree === 'string') return change(tree) as Tree;
  if (Array.isArray(tree)) return tree.map((item: unknown) => mapTexts(item, change)) as Tree;
  if (typeof tree !== 'object' || tree === null) return tree;
  const changed = Object.entries(tree).map(([key, value]) => [
    key,
    typeof value === 'string' && STRUCTURAL.has(key) ? value : mapTexts<unknown>(value, change),
  ]);
  return Object.fromEntries(changed) as Tree;
}
