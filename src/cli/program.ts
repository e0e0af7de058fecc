/** @file The whole command line as one declaration: what parses it is what `docs/cli.md` is made from. */
import { Command } from 'commander';
import {
  AttributeConfig,
  fineTuningDefaults,
  TrainConfig,
  type RunRequest,
} from '../contract/runs-service.ts';
import {
  AttributeQueriesConfig,
  DenoiserArchitecture,
  TrainDenoiserConfig,
} from '../contract/generation-configs.ts';
import { optionsOfEither, saidOptions } from './config-options.ts';
import { addAlikeCommand } from './alike-command.ts';
import { addDatamodelCommands } from './datamodel-commands.ts';
import { addEvaluateCommands } from './evaluate-commands.ts';
import { addExclusionCommands } from './exclusion-commands.ts';
import { addFormatOptions } from './export-format.ts';
import { addGenerationCommands } from './generation-commands.ts';
import { addCaseCommands } from './case-commands.ts';
import { addGroupCommands } from './group-commands.ts';
import { addMapCommands } from './map-commands.ts';
import { addIssueCommands } from './issue-commands.ts';
import { addMethodCommands } from './method-commands.ts';
import { addModelCommands } from './model-commands.ts';
import { asksGenerativeModel } from './model-task.ts';
import { addImageOptions } from './image-choice.ts';
import { addImportCommands } from './import-commands.ts';
import { exportLabels, showInfo, type ExportOptions } from './project-commands.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { listProviders, type ProviderOptions } from './provider-commands.ts';
import type { RunOptions } from './run-options.ts';
import { resumeRun, runCommand } from './run-commands.ts';
import type { Session } from './session.ts';
import { serveProject } from './serve-command.ts';
import { addSettingsCommands } from './settings-commands.ts';
import { addStorageCommands } from './storage-commands.ts';
import { addReportCommands } from './report-commands.ts';
import { addSubsetCommands } from './subset-commands.ts';
import { addHistoryCommands } from './history-commands.ts';
import { addTagCommands } from './tag-commands.ts';
import { addViewCommands } from './view-commands.ts';
import type { Streams } from './output.ts';

/** Builds the command line. `streams` is where answers and progress go. */
export function createProgram(streams: Streams, version: string): Command {
  const program = new Command('whence')
    .description('Which training images does a model’s behaviour come from? Offline, on your own machine.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.out.write(text),
      writeErr: (text) => streams.err.write(text),
    });
  addImportCommands(program, streams);
  addRunCommands(program, streams);
  addProjectCommands(program, streams);
  addTagCommands(program, streams);
  addExclusionCommands(program, streams);
  addCaseCommands(program, streams);
  addHistoryCommands(program, streams);
  addViewCommands(program, streams);
  addMethodCommands(program, streams);
  addModelCommands(program, streams);
  addSubsetCommands(program, streams);
  addGenerationCommands(program, streams);
  addGroupCommands(program, streams);
  addMapCommands(program, streams);
  addAlikeCommand(program, streams);
  addDatamodelCommands(program, streams);
  addEvaluateCommands(program, streams);
  addStorageCommands(program, streams);
  addSettingsCommands(program, streams);
  addReportCommands(program, streams);
  return program;
}

function addRunCommands(program: Command, streams: Streams): void {
  projectCommand(
    program,
    'train',
    `Train a classifier on the project’s labelled images, with cross-validated predictions; or, with a ddpm architecture, a model that makes images. A training that goes on from a model (--from) takes ${fineTuningDefaults.epochs} epochs at a learning rate of ${fineTuningDefaults.learningRate} where nothing else is said. A ddpm training has defaults of its own: see docs/methods/diffusion-models.md.`,
    optionsOfEither(TrainConfig, TrainDenoiserConfig),
  ).action((options: RunOptions & { from?: number; architecture: string }, command: Command) =>
    runCommand(streams, options, trainRequest(options, command)),
  );
  attributeCommand(program).action((options: AttributeOptions, command: Command) =>
    runCommand(streams, options, (session) => attributeRequest(session, options, command)),
  );
  addIssueCommands(program, streams);
  projectCommand(program, 'resume', 'Go on with a run that was interrupted, cancelled or failed.')
    .argument('<run>', 'number of the run', parseId)
    .action((runId: number, options: RunOptions) => resumeRun(streams, options, runId));
}

function attributeCommand(program: Command): Command {
  return projectCommand(
    program,
    'attribute',
    'Estimate which training images every prediction comes from, or, of a model that makes images, every query image (--queries). whence methods says what each method assumes and needs.',
    optionsOfEither(AttributeConfig, AttributeQueriesConfig, ['scoresPath']),
  ).option(
    '--scores <file.npy>',
    'also write all scores, targets × training images in float32, to this file',
  );
}

function addProjectCommands(program: Command, streams: Streams): void {
  const exporting = addFormatOptions(
    projectCommand(
      program,
      'export',
      'Write images and their labels as they stand after review: the whole review, a manifest, label issues, or folders with the images.',
    ),
  ).option('--only-changed', 'leave out images whose label was not changed', false);
  addImageOptions(exporting).action((options: ExportOptions) => exportLabels(streams, options));
  projectCommand(program, 'info', 'Describe the project: images, classes, models, runs, issues.').action(
    (options: RunOptions) => showInfo(streams, options),
  );
  program
    .command('providers')
    .description('List what this machine can compute on: the CPU, and GPUs through ONNX Runtime.')
    .option('--test', 'compare each with the CPU: errors and speed', false)
    .option('--project <folder>', 'test with the newest model of this project')
    .option('--json', 'answer with one JSON document on standard output', false)
    .action((options: ProviderOptions) => listProviders(streams, options));
  program
    .command('serve')
    .description('Open the same window in a browser on this machine.')
    .option('--project <folder>', 'project to open')
    .option('--port <port>', 'port on 127.0.0.1; 0 takes a free one', Number, 0)
    .action((options: { project?: string; port: number }) => serveProject(streams, options));
}

interface AttributeOptions extends RunOptions {
  readonly method: string;
  readonly modelId?: number;
  readonly scores?: string;
}

/** A model that makes images has a configuration of its own. */
function trainRequest(
  options: RunOptions & { from?: number; architecture: string },
  command: Command,
): RunRequest {
  if (!DenoiserArchitecture.safeParse(options.architecture).success) {
    saidOptions(command, TrainConfig, 'a classifier');
    return request('train', { ...options, ...fineTuning(options.from, command) });
  }
  const said = saidOptions(command, TrainDenoiserConfig, 'a model that makes images');
  return request('train-denoiser', said);
}

async function attributeRequest(
  session: Session,
  options: AttributeOptions,
  command: Command,
): Promise<RunRequest> {
  const scoresPath = options.scores ?? null;
  if (!(await asksGenerativeModel(session, options))) {
    saidOptions(command, AttributeConfig, 'the predictions of a classifier', ['scores']);
    return request('attribute', { ...options, scoresPath });
  }
  const said = saidOptions(command, AttributeQueriesConfig, 'the images that a model made', ['scores']);
  return request('attribute-queries', { ...said, scoresPath });
}

/** The defaults of fine-tuning, for the options that were not given. */
function fineTuning(from: number | undefined, command: Command): Partial<TrainConfig> {
  if (from === undefined) return {};
  const unsaid = Object.entries(fineTuningDefaults).filter(
    ([name]) => command.getOptionValueSource(name) === 'default',
  );
  return Object.fromEntries(unsaid);
}

/** Options carry the command's own switches too; the run's schema keeps what it knows. */
function request(kind: RunRequest['kind'], config: Readonly<Record<string, unknown>>): RunRequest {
  return { kind, config } as RunRequest;
}
