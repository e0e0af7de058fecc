/** @file `whence case check …`: the checks of a case, each a run that is linked with it. */
import type { Command } from 'commander';
import type { CaseCheck, CaseFile } from '../contract/cases-service.ts';
import { FindCopiesConfig } from '../contract/cases-service.ts';
import {
  AttributeGroupsConfig,
  AttributeQueriesConfig,
  DiffusionMethod,
} from '../contract/generation-configs.ts';
import type { RunRequest } from '../contract/runs-service.ts';
import { CaseId, RunId } from '../contract/vocabulary.ts';
import { caseText } from './case-text.ts';
import type { Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { endedEarly, withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';

/** Estimates that differ in what they measure: of two, a case wants to know whether they agree. */
const METHODS: readonly DiffusionMethod[] = ['d-trak', 'das'];
const CONTROLS = 8;

interface CheckOptions extends RunOptions {
  readonly run?: number;
  readonly methods?: DiffusionMethod[];
}

type Requests = (options: CheckOptions, file: CaseFile) => RunRequest[];

export function addCaseChecks(parent: Command, streams: Streams): void {
  const check = parent
    .command('check')
    .description(
      'Do a check of a case and link it with the case; or link a run that was done before (--run).',
    );
  addCheck(check, streams, 'copies', {
    description:
      'Look for the queries among the training images: the same, near-copies, and what looks alike.',
    schema: FindCopiesConfig,
    requests: (options, file) => [request('find-copies', { ...options, queries: file.queryIds })],
  });
  addCheck(check, streams, 'influence', {
    description:
      'Estimate which training images stand behind the queries, by several methods beside control images.',
    schema: AttributeQueriesConfig,
    leaveOut: ['method', 'scoresPath', 'controls'],
    requests: ({ methods = METHODS, ...options }, file) =>
      methods.map((method) =>
        request('attribute-queries', { controls: CONTROLS, ...options, ...asked(options, file), method }),
      ),
  })
    .option(
      '--methods <list>',
      `ways to estimate, separated by commas (default: ${METHODS.join(',')})`,
      methodsIn,
    )
    .option('--controls <number>', 'control images of each kind', Number, CONTROLS);
  addCheck(check, streams, 'groups', {
    description: 'Estimate how much the queries depend on the groups of the case, beside random groups.',
    schema: AttributeGroupsConfig,
    requests: groupsRequest,
  });
  addCheck(check, streams, 'removal', {
    description:
      'Remove the groups of the case from the model: trained again without them (--method logo), or unlearned.',
    schema: AttributeGroupsConfig,
    requests: groupsRequest,
  });
}

const groupsRequest: Requests = (options, file) => {
  const named = options['groups'] as number[] | undefined;
  const groups = named !== undefined && named.length > 0 ? named : file.groups.map(({ groupId }) => groupId);
  return [request('attribute-groups', { ...options, ...asked(options, file), groups })];
};

/** What a check asks about where it was not said: the case's queries, and the first of its models. */
function asked(options: CheckOptions, { queryIds, modelIds }: CaseFile): object {
  return { queries: queryIds, modelId: options['modelId'] ?? modelIds[0] ?? null };
}

function methodsIn(text: string): DiffusionMethod[] {
  return text.split(',').map((name) => DiffusionMethod.parse(name.trim()));
}

function addCheck(
  parent: Command,
  streams: Streams,
  check: CaseCheck,
  {
    description,
    schema,
    leaveOut = [],
    requests,
  }: {
    description: string;
    schema: typeof FindCopiesConfig | typeof AttributeQueriesConfig | typeof AttributeGroupsConfig;
    leaveOut?: readonly string[];
    requests: Requests;
  },
): Command {
  return projectCommand(parent, check, description, schema, ['queries', ...leaveOut])
    .argument('<case>', 'number of the case', parseId)
    .option('--run <number>', 'link this run, and do none', parseId)
    .action((number: number, options: CheckOptions) =>
      withProject(streams, options, null, async (session, output) => {
        const { cases } = session.client;
        const caseId = CaseId.parse(number);
        const runIds: RunId[] = options.run === undefined ? [] : [RunId.parse(options.run)];
        if (options.run === undefined)
          for (const asking of requests(options, await cases.read({ caseId }))) {
            const run = await session.run(asking, (progress) => output.progress(progress));
            if (run.status !== 'finished') throw endedEarly(run);
            for (const note of run.notes) output.note(note);
            runIds.push(run.id);
          }
        for (const runId of runIds) await cases.linkRun({ caseId, check, runId });
        const file = await cases.read({ caseId });
        output.answer({ runIds, case: file }, caseText(file));
      }),
    );
}

/** Options carry the command's own switches too; the run's schema keeps what it knows. */
function request(kind: RunRequest['kind'], config: object): RunRequest {
  return { kind, config } as RunRequest;
}
