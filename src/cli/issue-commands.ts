/** @file `whence issues …`: doubtful labels, and what is wrong with pictures. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { AppError } from '../core/base/app-error.ts';
import { FindIssuesConfig } from '../contract/image-issues-service.ts';
import { ImageIssueKind, IssueKind, IssueRule, issueKindWords } from '../contract/issue-kinds.ts';
import { IssuesConfig, type RunRequest } from '../contract/runs-service.ts';
import { countImageIssues, listImageIssues, listIssues } from './list-issues.ts';
import { formatFigure, type Streams } from './output.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';

type Thresholds = FindIssuesConfig['thresholds'];

export function addIssueCommands(program: Command, streams: Streams): void {
  const issues = program
    .command('issues')
    .description('What is wrong with labels and pictures. Without a further word: the labels.');
  addLabelCommand(issues, streams);
  addFindCommand(issues, streams);
  addListCommand(issues, streams);
  addApplyCommand(issues, streams);
}

function addLabelCommand(issues: Command, streams: Streams): void {
  projectCommand(
    issues,
    'labels',
    'Find images whose label is probably wrong, and the training images that say so. whence issues alone does this.',
    IssuesConfig,
    [],
    true,
  )
    .option('--list <count>', 'how many issues to print', Number, 20)
    .action((options: RunOptions & { list: number }) =>
      runCommand(streams, options, { kind: 'issues', config: options } as unknown as RunRequest, {
        then: (session) => listIssues(session, options.list),
      }),
    );
}

function addFindCommand(issues: Command, streams: Streams): void {
  projectCommand(
    issues,
    'find',
    'Look for duplicates, leaks between splits, broken, blank, dark, over-exposed, blurred, tiny and odd images, and outliers.',
    FindIssuesConfig,
    ['thresholds'],
  )
    .addOption(
      new Option(
        '--threshold <kind=value>',
        'where a kind becomes an issue, instead of its own threshold; may be given several times',
      ).argParser((text, before: Thresholds | undefined) => ({ ...before, ...parseThreshold(text) })),
    )
    .action((options: RunOptions & Partial<FindIssuesConfig> & { threshold?: Thresholds }) =>
      runCommand(
        streams,
        options,
        { kind: 'find-issues', config: { ...options, thresholds: options.threshold ?? {} } },
        { then: (session) => countImageIssues(session) },
      ),
    );
}

function addListCommand(issues: Command, streams: Streams): void {
  projectCommand(
    issues,
    'list',
    'List the issues of a kind, the clearest first; without a kind, how many there are of each.',
  )
    .addOption(new Option('--kind <kind>', 'which issues').choices(IssueKind.options))
    .option('--count <count>', 'how many issues to print', Number, 20)
    .action((options: RunOptions & { kind?: IssueKind; count: number }) =>
      withProject(streams, options, null, async (session, output) => {
        const { kind, count } = options;
        const { document, text } =
          kind === undefined
            ? await countImageIssues(session)
            : kind === 'label'
              ? await listIssues(session, count)
              : await listImageIssues(session, kind, count);
        output.answer(document, text);
      }),
    );
}

function addApplyCommand(issues: Command, streams: Streams): void {
  projectCommand(
    issues,
    'apply',
    'Decide all open issues of a kind by a rule, as one step that can be undone. What is excluded is left out of trainings; no file is touched.',
  )
    .addOption(
      new Option('--kind <kind>', 'which issues').choices(ImageIssueKind.options).makeOptionMandatory(),
    )
    .addOption(new Option('--rule <rule>', rulesByKind()).choices(IssueRule.options).makeOptionMandatory())
    .option('--preview', 'only say what it would do', false)
    .action((options: RunOptions & { kind: ImageIssueKind; rule: IssueRule; preview: boolean }) =>
      withProject(streams, options, null, async ({ client }, output) => {
        const { kind, rule, preview } = options;
        if (!issueKindWords[kind].rules.includes(rule))
          throw new AppError('issue-rule-unknown', {
            rule,
            kind,
            known: issueKindWords[kind].rules.join(', '),
          });
        const effect = await (preview
          ? client.imageIssues.previewRule({ kind, rule })
          : client.imageIssues.applyRule({ kind, rule }));
        const verb = preview ? 'would be' : 'were';
        const text = `${formatFigure(effect.issues)} issues ${verb} decided, ${formatFigure(effect.excluded)} images ${verb} excluded; ${formatFigure(effect.conflicting)} of the issues have differing labels, ${formatFigure(effect.left)} stay open.`;
        output.answer({ kind, rule, preview, ...effect }, text);
      }),
    );
}

/** 'leakage: exclude-train, keep-train, keep-all; …', kinds of equal rules together. */
function rulesByKind(): string {
  const kindsOf = new Map<string, ImageIssueKind[]>();
  for (const kind of ImageIssueKind.options) {
    const rules = issueKindWords[kind].rules.join(', ');
    kindsOf.set(rules, [...(kindsOf.get(rules) ?? []), kind]);
  }
  const parts = Array.from(kindsOf, ([rules, kinds]) => `${kinds.join(', ')}: ${rules}`);
  return `what is done. ${parts.join('; ')}`;
}

function parseThreshold(text: string): Thresholds {
  const [name, value, ...more] = text.split('=');
  const kind = ImageIssueKind.safeParse(name?.trim());
  const number = Number(value);
  if (
    !kind.success ||
    more.length > 0 ||
    value === undefined ||
    value.trim() === '' ||
    !Number.isFinite(number)
  )
    throw new InvalidArgumentError('A kind and a number are expected, as in blurred=-4.');
  return { [kind.data]: number };
}
