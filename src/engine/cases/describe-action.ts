/** @file One step of a case as the history tells it. */
import type { CaseCheck } from '../../contract/cases-service.ts';
import type { CaseAction } from './case-action.ts';

type Described = Exclude<CaseAction, { action: 'open' }>;

/** 'Case 2: added exhibits 1 to 3'. */
export function describeAction(caseId: number, action: CaseAction): string {
  if (action.action === 'open') return `Opened case ${caseId}: ${action.name}`;
  return `Case ${caseId}: ${words(action)}`;
}

const checkWords: Readonly<Record<CaseCheck, string>> = {
  copies: 'search for near-copies',
  influence: 'estimated influence',
  groups: 'shares of groups',
  removal: 'removal of groups',
};

function words(action: Described): string {
  switch (action.action) {
    case 'change':
      return `changed ${changed(action).join(', ')}`;
    case 'set-status':
      return action.status === 'closed' ? 'closed' : 'opened again';
    case 'set-rights':
      return `noted rights of ${action.groups.map(({ name }) => name).join(', ')}`;
    case 'remove-groups':
      return `took out ${counted(action.groupIds.length, 'group')}`;
    case 'take-manifest':
      return `took down the manifest of ${counted(action.manifest.imageCount, 'training image')}`;
    case 'answer': {
      const { question, answer, answeredBy } = action.answer;
      return `${question} complete: ${answer}, says ${answeredBy}`;
    }
    case 'link-run':
      return `linked run ${action.runId} as ${checkWords[action.check]}`;
    case 'unlink-run':
      return `unlinked run ${action.runId}`;
    case 'add-exhibits': {
      const [first, last] = [action.exhibits[0]!.number, action.exhibits.at(-1)!.number];
      return first === last ? `added exhibit ${first}` : `added exhibits ${first} to ${last}`;
    }
    case 'change-exhibit':
      return `changed exhibit ${action.number}`;
    case 'withdraw-exhibit':
      return `withdrew exhibit ${action.number}: ${action.reason}`;
    case 'judge':
      return `judged exhibit ${action.number}: ${action.judgement.verdict.replaceAll('-', ' ')}`;
    case 'note':
      return 'noted something';
    case 'decide':
      return 'decided';
  }
}

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
