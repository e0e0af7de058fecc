/** @file `whence case …`: copyright cases, from the question to the decision. */
import { writeFileSync } from 'node:fs';
import { Argument, Option, type Command } from 'commander';
import { AppError } from '../core/base/app-error.ts';
import { CompletenessAnswer, GroupRights, Judgement } from '../contract/cases-service.ts';
import { CaseId, GroupId, ModelId, QueryId, RunId, SampleId } from '../contract/vocabulary.ts';
import { addCaseChecks } from './case-check-commands.ts';
import { caseText } from './case-text.ts';
import { formatTable, type Output, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

type Work<Options> = (session: Session, output: Output, options: Options, caseId: CaseId) => Promise<void>;

export function addCaseCommands(program: Command, streams: Streams): void {
  const parent = program
    .command('case')
    .description(
      'Copyright cases: a question about images that a model made, the checks, what people judged of it.',
    );
  addOpening(parent, streams);
  addFacts(parent, streams);
  addCaseChecks(parent, streams);
  addReview(parent, streams);
  addRest(parent, streams);
}

/** A command about one case, named by its number. */
function caseCommand<Options extends RunOptions>(
  parent: Command,
  streams: Streams,
  { name, description, work }: { name: string; description: string; work: Work<Options> },
): Command {
  return projectCommand(parent, name, description)
    .argument('<case>', 'number of the case', parseId)
    .action((number: number, ...rest: unknown[]) => {
      const options = rest.at(-2) as Options;
      return withProject(streams, options, null, (session, output) =>
        work(session, output, { ...options, words: rest.slice(0, -2) }, CaseId.parse(number)),
      );
    });
}

interface WithWords extends RunOptions {
  /** Arguments after the case. */
  readonly words: readonly string[];
}

const choice = (name: string, choices: readonly string[]): Argument =>
  new Argument(`<${name}>`).choices(choices);
const ids = (text: string): number[] => text.split(',').map(parseId);
const yesOrNo = (flag: string, description: string): Option =>
  new Option(`${flag} <yes|no>`, description).choices(['yes', 'no']);
const toFlag = (word: unknown): boolean | undefined => (word === undefined ? undefined : word === 'yes');

interface Facts extends RunOptions {
  readonly name?: string;
  readonly question?: string;
  readonly queries?: number[];
  readonly models?: number[];
  readonly blind?: string;
  readonly codeNames?: string;
}

function factsOf({ name, question, queries, models, blind, codeNames }: Facts) {
  return {
    ...{ name, question, blind: toFlag(blind), codeNames: toFlag(codeNames) },
    queryIds: queries?.map((id) => QueryId.parse(id)),
    modelIds: models?.map((id) => ModelId.parse(id)),
  };
}

function addFactOptions(command: Command): Command {
  return command
    .option('--queries <numbers>', 'numbers of the query images that it is about', ids)
    .option('--models <numbers>', 'numbers of the models that may have made them', ids)
    .addOption(yesOrNo('--blind', 'hide scores while exhibits are judged'))
    .addOption(yesOrNo('--code-names', 'use code names for groups and rights-holders in reports'));
}

function addOpening(parent: Command, streams: Streams): void {
  addFactOptions(
    projectCommand(parent, 'open', 'Open a case.')
      .argument('<name>', 'what it is called')
      .requiredOption('--question <words>', 'the question, in words'),
  ).action((name: string, options: Facts & { question: string }) =>
    withProject(streams, options, null, async ({ client }, output) => {
      const caseId = await client.cases.open({ name, question: options.question });
      const { name: _name, question: _question, ...facts } = factsOf(options);
      if (Object.values(facts).some((fact) => fact !== undefined))
        await client.cases.change({ caseId, ...facts });
      output.answer({ caseId }, `Case ${caseId} is open.`);
    }),
  );
  projectCommand(parent, 'list', 'List the cases.').action((options: RunOptions) =>
    withProject(streams, options, null, async ({ client }, output) => {
      const cases = await client.cases.list();
      const rows = cases.map(({ id, name, status, queryCount, exhibitCount, controlsMet }) => [
        ...[String(id), name, status, String(queryCount), String(exhibitCount)],
        controlsMet === null ? 'not all run' : controlsMet ? 'met' : 'NOT MET',
      ]);
      const head = ['case', 'name', 'status', 'queries', 'exhibits', 'controls'];
      output.answer(
        { cases },
        rows.length === 0 ? 'There are no cases yet: whence case open.' : formatTable([head, ...rows]),
      );
    }),
  );
  caseCommand(parent, streams, {
    name: 'show',
    description: 'Show what a case holds, what its checks found and whether its controls were met.',
    work: async ({ client }, output, _options, caseId) => {
      const file = await client.cases.read({ caseId });
      output.answer({ case: file }, caseText(file));
    },
  });
}

interface Rights extends RunOptions {
  readonly groups: number[];
  readonly holder?: string;
  readonly licence?: string;
  readonly optOut?: GroupRights['optOut'];
  readonly note?: string;
  readonly remove?: boolean;
}

function addFacts(parent: Command, streams: Streams): void {
  addFactOptions(
    caseCommand<Facts>(parent, streams, {
      name: 'set',
      description: 'Change what a case is about.',
      work: async ({ client }, output, options, caseId) => {
        await client.cases.change({ caseId, ...factsOf(options) });
        output.answer({ caseId }, `Case ${caseId} is changed.`);
      },
    })
      .option('--name <name>', 'what it is called')
      .option('--question <words>', 'the question, in words'),
  );
  caseCommand<Rights>(parent, streams, {
    name: 'rights',
    description:
      'Put groups into a case. Rights are read from columns of the imported tables where all members agree, unless they are given here.',
    work: setRights,
  })
    .requiredOption('--groups <numbers>', 'numbers of the groups', ids)
    .option('--holder <name>', 'who holds the rights')
    .option('--licence <name>', 'under which licence')
    .addOption(
      new Option('--opt-out <answer>', 'whether they opted out').choices(GroupRights.shape.optOut.options),
    )
    .option('--note <words>', 'what else is known')
    .option('--remove', 'take the groups out of the case');
  caseCommand<WithWords & { by: string; basis: string }>(parent, streams, {
    name: 'answer',
    description:
      'Write down who says that the training set, the model or the queries are complete and the right ones.',
    work: async ({ client }, output, { words: [question, answer], by, basis }, caseId) => {
      await client.cases.answer({
        caseId,
        answer: {
          question: CompletenessAnswer.shape.question.parse(question),
          answer: CompletenessAnswer.shape.answer.parse(answer),
          ...{ answeredBy: by, basis },
        },
      });
      output.answer({ caseId, question, answer }, 'The answer is written down.');
    },
  })
    .addArgument(choice('question', CompletenessAnswer.shape.question.options))
    .addArgument(choice('answer', CompletenessAnswer.shape.answer.options))
    .requiredOption('--by <name>', 'who says so: name and office')
    .option('--basis <words>', 'on what grounds', '');
  caseCommand(parent, streams, {
    name: 'manifest',
    description: 'Take down the training images as they stand now.',
    work: async ({ client }, output, _options, caseId) => {
      const manifest = await client.cases.takeManifest({ caseId });
      output.answer({ manifest }, `${manifest.imageCount} training images, SHA-256 ${manifest.sha256}.`);
    },
  });
}

const setRights: Work<Rights> = async ({ client }, output, options, caseId) => {
  const groupIds = options.groups.map((id) => GroupId.parse(id));
  if (options.remove === true) await client.cases.removeGroups({ caseId, groupIds });
  else {
    await client.cases.addGroups({ caseId, groupIds });
    const { holder, licence, optOut, note } = options;
    if ([holder, licence, optOut, note].some((said) => said !== undefined))
      for (const groupId of groupIds)
        await client.cases.setRights({
          caseId,
          rights: { groupId, rightsHolder: holder, licence, optOut, note },
        });
  }
  const { groups } = await client.cases.read({ caseId });
  const rows = groups.map(({ groupId, name, rightsHolder, licence, optOut }) => [
    ...[String(groupId), name, rightsHolder, licence, optOut],
  ]);
  output.answer({ groups }, formatTable([['group', 'name', 'rights-holder', 'licence', 'opt-out'], ...rows]));
};

interface ExhibitOptions extends RunOptions {
  readonly query?: number;
  readonly sample?: number;
  readonly group?: number;
  readonly caption: string;
  readonly redact?: number;
  readonly withdraw?: number;
  readonly reason?: string;
}

function addReview(parent: Command, streams: Streams): void {
  caseCommand<ExhibitOptions>(parent, streams, {
    name: 'exhibit',
    description:
      'Add an exhibit: a query beside a training image or a group; blur one in reports; or withdraw one.',
    work: changeExhibits,
  })
    .option('--query <number>', 'number of the query image', parseId)
    .option('--sample <number>', 'number of the training image', parseId)
    .option('--group <number>', 'number of the group', parseId)
    .option('--caption <words>', 'what it shows', '')
    .option('--redact <exhibit>', 'blur this exhibit in reports', parseId)
    .option('--withdraw <exhibit>', 'withdraw this exhibit; its number is not given again', parseId)
    .option('--reason <words>', 'why it is withdrawn');
  caseCommand<WithWords & { note: string }>(parent, streams, {
    name: 'judge',
    description: 'Say what an exhibit shows.',
    work: async ({ client }, output, { words: [number, verdict], note }, caseId) => {
      const judgement = { verdict: Judgement.shape.verdict.parse(verdict), note };
      await client.cases.judge({ caseId, number: Number(number), judgement });
      output.answer({ caseId, number: Number(number), verdict }, `Exhibit ${number!} is judged.`);
    },
  })
    .argument('<exhibit>', 'number of the exhibit', parseId)
    .addArgument(choice('verdict', Judgement.shape.verdict.options))
    .option('--note <words>', 'why', '');
  for (const [name, description] of [
    ['note', 'Write a note into a case.'],
    ['decide', 'Write down what the reviewers conclude; Whence concludes nothing.'],
  ] as const)
    caseCommand<WithWords>(parent, streams, {
      name,
      description,
      work: async ({ client }, output, { words: [text] }, caseId) => {
        await client.cases[name]({ caseId, text: text! });
        output.answer({ caseId }, 'It is written down.');
      },
    }).argument('<words>', 'what');
}

function addRest(parent: Command, streams: Streams): void {
  caseCommand<RunOptions & { reopen?: boolean }>(parent, streams, {
    name: 'close',
    description: 'Close a case: it takes no changes until it is opened again.',
    work: async ({ client }, output, { reopen }, caseId) => {
      const status = reopen === true ? 'open' : 'closed';
      await client.cases.setStatus({ caseId, status });
      output.answer({ caseId, status }, `Case ${caseId} is ${status}.`);
    },
  }).option('--reopen', 'open it again');
  caseCommand<WithWords & { out: string }>(parent, streams, {
    name: 'difference',
    description:
      'Write where a query and a training image differ, once one lies over the other, as a picture.',
    work: async ({ client }, output, { words: [query, sample], out }, caseId) => {
      const queryId = QueryId.parse(Number(query));
      const { bytes } = await client.cases.differenceMap({
        caseId,
        queryId,
        sampleId: SampleId.parse(Number(sample)),
      });
      writeFileSync(out, bytes);
      output.answer({ path: out }, `Written to ${out}.`);
    },
  })
    .argument('<query>', 'number of the query image', parseId)
    .argument('<sample>', 'number of the training image', parseId)
    .requiredOption('--out <file.png>', 'where to');
  caseCommand<WithWords>(parent, streams, {
    name: 'unlink',
    description: 'Take a run out of a case.',
    work: async ({ client }, output, { words: [run] }, caseId) => {
      await client.cases.unlinkRun({ caseId, runId: RunId.parse(Number(run)) });
      output.answer({ caseId, runId: Number(run) }, `Run ${run!} is no part of the case any more.`);
    },
  }).argument('<run>', 'number of the run', parseId);
}

const changeExhibits: Work<ExhibitOptions> = async ({ client }, output, options, caseId) => {
  const { query, sample, group, caption, redact, withdraw, reason } = options;
  if (withdraw !== undefined) {
    if (reason === undefined) throw new AppError('usage-invalid', { reason: '--withdraw needs a --reason' });
    await client.cases.withdrawExhibit({ caseId, number: withdraw, reason });
    output.answer({ withdrawn: withdraw }, `Exhibit ${withdraw} is withdrawn.`);
  } else if (redact !== undefined) {
    await client.cases.changeExhibit({ caseId, number: redact, redacted: true });
    output.answer({ redacted: redact }, `Exhibit ${redact} is blurred in reports.`);
  } else {
    if (query === undefined)
      throw new AppError('usage-invalid', { reason: 'An exhibit needs --query, and --sample or --group' });
    const exhibit = {
      queryId: QueryId.parse(query),
      sampleId: sample === undefined ? null : SampleId.parse(sample),
      groupId: group === undefined ? null : GroupId.parse(group),
      caption,
    };
    const { numbers } = await client.cases.addExhibits({ caseId, exhibits: [exhibit] });
    output.answer({ numbers }, `Exhibit ${numbers[0]!} is added.`);
  }
};
