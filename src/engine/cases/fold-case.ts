/**
 * @file A case is what its events make of it: one function from a case and an event to the case after it. What is asked for goes through the same function before it
 * is written, so nothing is in the log that reading it again would refuse.
 */
import { assert } from '../../core/base/assert.ts';
import { AppError } from '../../core/base/app-error.ts';
import type {
  CaseManifest,
  CaseNote,
  CaseCheck,
  CompletenessAnswer,
  GroupRights,
  Judgement,
} from '../../contract/cases-service.ts';
import type { CaseId, GroupId, ModelId, QueryId, RunId } from '../../contract/vocabulary.ts';
import type { AddedExhibit, CaseAction } from './case-action.ts';

/** One event of a case. */
export interface CaseStep {
  readonly eventId: number;
  readonly at: string;
  readonly reviewer: string;
  readonly action: CaseAction;
}

export interface ExhibitState extends AddedExhibit {
  readonly redacted: boolean;
  readonly judgements: readonly Judgement[];
  readonly addedAt: string;
  /** Scores have been hidden ever since it was added. */
  readonly unseen: boolean;
}

/** What the log says of a case; what runs found of it is read where it is kept. */
export interface CaseState {
  readonly id: CaseId;
  readonly name: string;
  readonly question: string;
  readonly status: 'open' | 'closed';
  readonly queries: readonly { readonly id: QueryId; readonly sha256: string }[];
  readonly modelIds: readonly ModelId[];
  readonly groups: ReadonlyMap<GroupId, GroupRights>;
  readonly manifest: Omit<CaseManifest, 'unchanged'> | null;
  /** Every answer, oldest first. */
  readonly completeness: readonly CompletenessAnswer[];
  readonly runs: ReadonlyMap<RunId, CaseCheck>;
  /** Those that are not withdrawn, by number. */
  readonly exhibits: ReadonlyMap<number, ExhibitState>;
  /** The next exhibit's. */
  readonly nextNumber: number;
  readonly notes: readonly CaseNote[];
  readonly decision: CaseNote | null;
  readonly blind: boolean;
  readonly codeNames: boolean;
  readonly createdAt: string;
  readonly changedAt: string;
}

/** The case after all of its events, which come oldest first. */
export function foldCase(caseId: CaseId, steps: readonly CaseStep[]): CaseState {
  const [first, ...rest] = steps;
  if (first === undefined) throw new AppError('case-not-found', { caseId });
  return rest.reduce(afterStep, openedCase(caseId, first));
}

export function openedCase(id: CaseId, { action, at }: CaseStep): CaseState {
  assert(action.action === 'open', 'a case begins with its opening');
  return {
    id,
    ...{ name: action.name, question: action.question, status: 'open' },
    ...{ queries: [], modelIds: [], groups: new Map(), manifest: null, completeness: [], runs: new Map() },
    ...{ exhibits: new Map(), nextNumber: 1, notes: [], decision: null },
    // Whoever judges should not know the scores, unless they decide to.
    ...{ blind: true, codeNames: false },
    ...{ createdAt: at, changedAt: at },
  };
}

/** Throws where the case does not allow it: `case-closed`, `exhibit-not-found`, `usage-invalid`. */
export function afterStep(state: CaseState, step: CaseStep): CaseState {
  if (state.status === 'closed' && step.action.action !== 'set-status')
    throw new AppError('case-closed', { caseId: state.id });
  return { ...state, ...changesOf(state, step), changedAt: step.at };
}

function changesOf(state: CaseState, { action, ...step }: CaseStep): Partial<CaseState> {
  // An action and its effect belong together.
  const effect = effects[action.action] as Effect<CaseAction>;
  return effect(state, action, step);
}

type Effect<Action extends CaseAction> = (
  state: CaseState,
  action: Action,
  step: Omit<CaseStep, 'action'>,
) => Partial<CaseState>;

const effects: { readonly [Name in CaseAction['action']]: Effect<Extract<CaseAction, { action: Name }>> } = {
  open: () => {
    throw new Error('a case is opened once');
  },
  change: changedFacts,
  'set-status': (_, { status }) => ({ status }),
  'set-rights': ({ groups }, { groups: changed }) => ({
    groups: new Map([...groups, ...changed.map((group): [GroupId, GroupRights] => [group.groupId, group])]),
  }),
  'remove-groups': ({ groups }, { groupIds }) => ({ groups: without(groups, groupIds) }),
  'take-manifest': (_, { manifest }, { at }) => ({ manifest: { ...manifest, at } }),
  answer: ({ completeness }, { answer }, { reviewer, at }) => ({
    completeness: [...completeness, { ...answer, reviewer, at }],
  }),
  'link-run': ({ runs }, { runId, check }) => ({ runs: new Map([...runs, [runId, check]]) }),
  'unlink-run': ({ runs }, { runId }) => ({ runs: without(runs, [runId]) }),
  note: ({ notes }, { text }, { reviewer, at }) => ({ notes: [...notes, { text, reviewer, at }] }),
  decide: (_, { text }, { reviewer, at }) => ({ decision: { text, reviewer, at } }),
  'add-exhibits': (state, { exhibits }, { at }) => addExhibits(state, exhibits, at),
  'withdraw-exhibit': (state, { number }) => {
    exhibitOf(state, number);
    return { exhibits: without(state.exhibits, [number]) };
  },
  'change-exhibit': (state, { number, ...change }) => {
    const { caption, redacted } = exhibitOf(state, number);
    return changeExhibit(state, number, {
      caption: change.caption ?? caption,
      redacted: change.redacted ?? redacted,
    });
  },
  judge: (state, { number, judgement }, { reviewer, at }) => {
    const { judgements, unseen } = exhibitOf(state, number);
    return changeExhibit(state, number, {
      judgements: [...judgements, { ...judgement, blind: unseen, reviewer, at }],
    });
  },
};

function changedFacts(
  state: CaseState,
  change: Extract<CaseAction, { action: 'change' }>,
): Partial<CaseState> {
  const blind = change.blind ?? state.blind;
  return {
    name: change.name ?? state.name,
    question: change.question ?? state.question,
    queries: change.queries ?? state.queries,
    modelIds: change.modelIds ?? state.modelIds,
    codeNames: change.codeNames ?? state.codeNames,
    blind,
    // What was shown once cannot be unseen.
    ...(blind
      ? {}
      : {
          exhibits: new Map(
            Array.from(state.exhibits, ([number, exhibit]) => [number, { ...exhibit, unseen: false }]),
          ),
        }),
  };
}

function addExhibits(state: CaseState, added: readonly AddedExhibit[], addedAt: string): Partial<CaseState> {
  const exhibits = new Map(state.exhibits);
  let nextNumber = state.nextNumber;
  for (const exhibit of added) {
    assert(exhibit.number === nextNumber, 'numbers of exhibits rise by one');
    if ((exhibit.sampleId === null) === (exhibit.groupId === null))
      throw new AppError('usage-invalid', {
        reason: 'An exhibit shows a query beside one training image, or beside one group',
      });
    exhibits.set(nextNumber++, {
      ...exhibit,
      redacted: false,
      judgements: [],
      addedAt,
      unseen: state.blind,
    });
  }
  return { exhibits, nextNumber };
}

function exhibitOf(state: CaseState, number: number): ExhibitState {
  const found = state.exhibits.get(number);
  if (found === undefined) throw new AppError('exhibit-not-found', { number, caseId: state.id });
  return found;
}

function changeExhibit(
  state: CaseState,
  number: number,
  change: Partial<ExhibitState>,
): Pick<CaseState, 'exhibits'> {
  const exhibits = new Map(state.exhibits);
  exhibits.set(number, { ...exhibitOf(state, number), ...change });
  return { exhibits };
}

function without<Key, Value>(map: ReadonlyMap<Key, Value>, keys: readonly Key[]): Map<Key, Value> {
  const left = new Map(map);
  for (const key of keys) left.delete(key);
  return left;
}
