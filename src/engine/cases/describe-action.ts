/** @file One step of a case as the history tells it. */
import type { CaseCheck } from '../../contract/cases-service.ts';
import type { CaseAction } from './case-action.ts';

/** 'Case 2: added exhibits 1 to 3'. */
export function describeAction(caseId: number, action: CaseAction): string {
  if (action.action === 'open') return `Opened case ${caseId}: ${action.name}`;
  // An action and its words belong together.
  const say = words[action.action] as (said: CaseAction) => string;
  return `Case ${caseId}: ${say(action)}`;
}

const checkWords: Readonly<Record<CaseCheck, string>> = {
  copies: 'search for near-copies',
  influence: 'estimated influence',
  groups: 'shares of groups',
  removal: 'removal of groups',
};

type Described = Exclude<CaseAction['action'], 'open'>;

const words: { readonly [Name in Described]: (said: Extract<CaseAction, { action: Name }>) => string } = {
  change: (action) => `changed ${changed(action).join(', ')}`,
  'set-status': ({ status }) => (status === 'closed' ? 'closed' : 'opened again'),
  'set-rights': ({ groups }) => `noted rights of ${groups.map(({ name }) => name).join(', ')}`,
  'remove-groups': ({ groupIds }) => `took out ${counted(groupIds.length, 'group')}`,
  'take-manifest': ({ manifest }) =>
    `took down the manifest of ${counted(manifest.imageCount, 'training image')}`,
  answer: ({ answer: { question, answer, answeredBy } }) =>
    `${question} complete: ${answer}, says ${answeredBy}`,
  'link-run': ({ runId, check }) => `linked run ${runId} as ${checkWords[check]}`,
  'unlink-run': ({ runId }) => `unlinked run ${runId}`,
  'add-exhibits': ({ exhibits }) => {
    const [first, last] = [exhibits[0]!.number, exhibits.at(-1)!.number];
    return first === last ? `added exhibit ${first}` : `added exhibits ${first} to ${last}`;
  },
  'change-exhibit': ({ number }) => `changed exhibit ${number}`,
  'withdraw-exhibit': ({ number, reason }) => `withdrew exhibit ${number}: ${reason}`,
  judge: ({ number, judgement }) => `judged exhibit ${number}: ${judgement.verdict.replaceAll('-', ' ')}`,
  note: () => 'noted something',
  decide: () => 'decided',
};

function changed(action: Extract<CaseAction, { action: 'change' }>): string[] {
  const parts: [unknown, string][] = [
    [action.name, 'the name'],
    [action.question, 'the question'],
    [action.queries, `the query images (${action.queries?.length ?? 0})`],
    [action.modelIds, `the models (${action.modelIds?.length ?? 0})`],
    [action.blind, action.blind === true ? 'to blind judging' : 'to judging with scores shown'],
    [action.codeNames, action.codeNames === true ? 'to code names' : 'to names'],
  ];
  return parts.flatMap(([value, name]) => (value === undefined ? [] : [name]));
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
