/** @file The parts of a case in the order in which a reviewer goes through them, and how each stands. */
import type { CaseCheck, CaseFile, CompletenessAnswer } from '../../contract/cases-service.ts';

export const caseParts = [
  'materials',
  'completeness',
  'copies',
  'influence',
  'groups',
  'removal',
  'controls',
  'exhibits',
  'review',
  'report',
] as const;
export type CasePart = (typeof caseParts)[number];

/** optional: to do, and nothing is missing without it. */
export type PartState = 'to-do' | 'running' | 'done' | 'outdated' | 'not-met' | 'optional';

/** As many methods as a finding of influence has to rest on. */
const LEAST_METHODS = 2;

type PartOf = Readonly<Record<CasePart, (file: CaseFile) => PartState>>;

const states: PartOf = {
  materials: ({ manifest, modelIds, queryIds }) => {
    if (manifest === null || modelIds.length === 0 || queryIds.length === 0) return 'to-do';
    return manifest.unchanged ? 'done' : 'outdated';
  },
  completeness: (file) => {
    const answers = newestAnswers(file);
    if (answers.some(({ answer }) => answer === 'no')) return 'not-met';
    return answers.length === 3 ? 'done' : 'to-do';
  },
  copies: (file) => checkState(file, 'copies', 1),
  influence: (file) => checkState(file, 'influence', LEAST_METHODS),
  groups: (file) => checkState(file, 'groups', 1),
  removal: (file) => {
    const state = checkState(file, 'removal', 1);
    return state === 'to-do' ? 'optional' : state;
  },
  controls: ({ controlsMet }) => (controlsMet === null ? 'to-do' : controlsMet ? 'done' : 'not-met'),
  exhibits: ({ exhibits }) => (exhibits.length > 0 ? 'done' : 'to-do'),
  review: (file) =>
    file.decision !== null && file.exhibits.every(({ judgements }) => judgements.length > 0)
      ? 'done'
      : 'to-do',
  report: ({ status }) => (status === 'closed' ? 'done' : 'to-do'),
};

export function partState(file: CaseFile, part: CasePart): PartState {
  return states[part](file);
}

/** How many parts are done, of those that have to be. */
export function progressOf(file: CaseFile): { readonly done: number; readonly of: number } {
  const needed = caseParts.map((part) => partState(file, part)).filter((state) => state !== 'optional');
  return { done: needed.filter((state) => state === 'done').length, of: needed.length };
}

/** The newest answer to each question that was answered. */
export function newestAnswers({ completeness }: Pick<CaseFile, 'completeness'>): CompletenessAnswer[] {
  return [...new Map(completeness.toSorted(byTime).map((answer) => [answer.question, answer])).values()];
}

function byTime(a: CompletenessAnswer, b: CompletenessAnswer): number {
  return a.at.localeCompare(b.at);
}

function checkState(file: CaseFile, check: CaseCheck, least: number): PartState {
  const runs = file.runs.filter((run) => run.check === check);
  if (runs.some(({ status }) => status === 'queued' || status === 'running')) return 'running';
  const finished = runs.filter(({ status }) => status === 'finished');
  if (finished.length < least) return 'to-do';
  if (finished.filter(({ outdated }) => !outdated).length < least) return 'outdated';
  return file.controls.some((control) => control.check === check && control.met === false)
    ? 'not-met'
    : 'done';
}
