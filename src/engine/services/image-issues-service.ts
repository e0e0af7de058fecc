/** @file Issues of pictures and decisions about them, signed by this machine's reviewer. */
import { AppError } from '../../core/base/app-error.ts';
import { issueKindWords, type ImageIssueKind, type IssueRule } from '../../contract/issue-kinds.ts';
import type { imageIssues, RuleEffect } from '../../contract/image-issues-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { planRule } from '../finding/images/plan-rule.ts';
import type { Connection } from '../storage/connection.ts';
import { readUndoState } from '../storage/events.ts';
import { countExcluded } from '../storage/exclusions.ts';
import { pageImageIssues, summarizeImageIssues } from '../storage/image-issues.ts';
import { listOpenIssues, resolveIssues, type IssueDecision } from '../storage/issue-resolutions.ts';
import type { EngineContext } from './engine-context.ts';

export function makeImageIssuesHandlers(context: EngineContext): Handlers<typeof imageIssues> {
  const decide = (kind: ImageIssueKind, decisions: readonly IssueDecision[]): void => {
    const { project, machine } = context;
    project.announceDecisions(resolveIssues(project.connection, kind, decisions, machine.reviewer));
  };
  return {
    summary: () => summarizeImageIssues(context.project.connection),
    page: (page) => pageImageIssues(context.project.connection, page),
    resolve: ({ kind, ...decision }) => {
      decide(kind, [decision]);
      return readUndoState(context.project.connection);
    },
    previewRule: ({ kind, rule }) => planFor(context.project.connection, kind, rule).effect,
    applyRule: ({ kind, rule }) => {
      const { decisions, effect } = planFor(context.project.connection, kind, rule);
      if (decisions.length > 0) decide(kind, decisions);
      return effect;
    },
    excludedCount: () => countExcluded(context.project.connection),
  };
}

/** What the rule would decide, and what that amounts to. */
function planFor(
  connection: Connection,
  kind: ImageIssueKind,
  rule: IssueRule,
): { decisions: IssueDecision[]; effect: RuleEffect } {
  const { rules } = issueKindWords[kind];
  if (!rules.includes(rule))
    throw new AppError('issue-rule-unknown', { rule, kind, known: rules.join(', ') });
  const open = listOpenIssues(connection, kind);
  const planned = open.map((issue) => ({ ...issue, exclude: planRule(rule, issue.images) }));
  const decided = planned.flatMap((issue) =>
    issue.exclude === null ? [] : [{ ...issue, exclude: issue.exclude }],
  );
  const decisions = decided.map(({ key, exclude }): IssueDecision => ({
    key,
    exclude,
    state: rule === 'keep-all' ? 'keep' : 'exclude',
  }));
  const effect = {
    issues: decided.length,
    excluded: new Set(decided.flatMap(({ exclude }) => exclude)).size,
    conflicting: decided.filter(({ conflicting }) => conflicting).length,
    left: open.length - decided.length,
  };
  return { decisions, effect };
}
