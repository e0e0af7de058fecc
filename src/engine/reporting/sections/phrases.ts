/** @file How a report names what it speaks of: by its number, with the name that people gave it. */
import type { ClaimStep } from '../../../contract/claims.ts';
import { writeFigure } from '../../../contract/claim-words.ts';
import type { CaseFile } from '../../../contract/cases-service.ts';
import { code, named, type Words } from '../words.ts';

/** 'Group 3 ‘Monet’'. */
export function groupWords(groupId: number, name: string): Words {
  return [`Group ${groupId} `, named(name)];
}

export function figureOr(value: number | null, otherwise = 'not known'): string {
  return value === null ? otherwise : writeFigure(value);
}

export function partOr(value: number | null, otherwise = 'not known'): string {
  return value === null ? otherwise : `${writeFigure(Math.round(value * 1000) / 10)} %`;
}

export function valueWords(value: unknown): Words {
  return [code(typeof value === 'string' ? value : JSON.stringify(value))];
}

export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** '2026-11-30 08:00:00 UTC' of a time as it is kept. */
export function timeWords(at: string): string {
  return at.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/, '$1 $2 UTC');
}

export function yesNo(met: boolean | null): string {
  if (met === null) return 'could not be checked';
  return met ? 'met' : 'not met';
}

export const checkNames = {
  copies: 'Near-copies and likeness',
  influence: 'Influence of single images',
  groups: 'Influence of groups',
  removal: 'Removal of groups',
} as const satisfies Record<CaseFile['runs'][number]['check'], string>;

/** The check that makes findings of a step. */
export const checkOfStep = {
  manifest: 'copies',
  'near-copy': 'copies',
  alike: 'copies',
  influence: 'influence',
  removal: 'removal',
} as const satisfies Record<ClaimStep, keyof typeof checkNames>;

export const queryRole = {
  query: 'query',
  'training-image': 'a known training image',
  'held-out-image': 'a held-out image',
  unrelated: 'an unrelated image',
} as const;
