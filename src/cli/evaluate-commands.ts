/** @file `whence evaluate …` and `whence evaluations`: how far scores, rankings and selections can be trusted on a model. */
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { EvaluateDatamodelConfig } from '../contract/datamodel-configs.ts';
import {
  EvaluateBrittlenessConfig,
  EvaluateLdsConfig,
  EvaluateLeaveOneOutConfig,
  EvaluateMislabelConfig,
} from '../contract/evaluation-configs.ts';
import { EvaluationKind, type Evaluation } from '../contract/evaluations-service.ts';
import { evaluationWords, groupMetricNames } from '../contract/evaluation-words.ts';
import {
  EvaluateCounterfactualConfig,
  EvaluateGenerativeLdsConfig,
  EvaluateGroupsConfig,
} from '../contract/generation-evaluation-configs.ts';
import type { Run, RunRequest } from '../contract/runs-service.ts';
import { EvaluateSelectionConfig } from '../contract/selection-config.ts';
import { ModelId } from '../contract/vocabulary.ts';
import { optionsOfEither, saidOptions } from './config-options.ts';
import { asksGenerativeModel } from './model-task.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, withProject, type Addition } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

/** What each kind is asked with; `lds` serves both kinds of model. */
const asked = {
  lds: optionsOfEither(EvaluateLdsConfig, EvaluateGenerativeLdsConfig),
  loo: EvaluateLeaveOneOutConfig,
  ddm: EvaluateDatamodelConfig,
  brittleness: EvaluateBrittlenessConfig,
  'mislabel-auc': EvaluateMislabelConfig,
  selection: EvaluateSelectionConfig,
  groups: EvaluateGroupsConfig,
  counterfactual: EvaluateCounterfactualConfig,
} as const satisfies Record<EvaluationKind, z.ZodObject | readonly Option[]>;

interface LdsOptions extends RunOptions {
  readonly method: string;
  readonly modelId?: number;
}

export function addEvaluateCommands(program: Command, streams: Streams): void {
  const evaluate = program
    .command('evaluate')
    .description('Measure, by training again, how far scores, rankings and selections can be trusted.');
  for (const kind of EvaluationKind.options) {
    const { tells, costs } = evaluationWords[kind];
    projectCommand(evaluate, kind, `${tells} ${costs}`, asked[kind]).action(
      (options: RunOptions, command: Command) => {
        const request = (session: Session): Promise<RunRequest> => requestOf(session, kind, options, command);
        return runCommand(streams, options, request, { then: resultsOf });
      },
    );
  }
  projectCommand(program, 'evaluations', 'List what was measured about the methods.')
    .option('--model-id <number>', 'of this model alone', parseId)
    .addOption(new Option('--kind <kind>', 'of this kind alone').choices(EvaluationKind.options))
    .action((options: RunOptions & { modelId?: number; kind?: EvaluationKind }) =>
      listEvaluations(streams, options),
    );
}

async function requestOf(
  session: Session,
  kind: EvaluationKind,
  options: RunOptions,
  command: Command,
): Promise<RunRequest> {
  const isGenerative = kind === 'lds' && (await asksGenerativeModel(session, options as LdsOptions));
  if (!isGenerative) {
    if (kind === 'lds') saidOptions(command, EvaluateLdsConfig, 'the predictions of a classifier');
    return { kind: `evaluate-${kind}`, config: options } as RunRequest;
  }
  const config = saidOptions(command, EvaluateGenerativeLdsConfig, 'a model that makes images');
  return { kind: 'evaluate-generative-lds', config };
}

async function resultsOf({ client }: Session, run: Run): Promise<Addition> {
  const all = await client.evaluations.list({});
  const evaluations = all.filter(({ runId }) => runId === run.id);
  const curves = evaluations.flatMap(({ title, curves }) =>
    curves.map((curve) => `${title}: ${curve.name}\n${curveTable(curve)}`),
  );
  const more = [groupTable(evaluations), counterfactualTable(evaluations)].filter((table) => table !== '');
  return {
    document: { evaluations },
    text: [evaluationTable(evaluations), ...more, ...curves].join('\n\n'),
  };
}

async function listEvaluations(
  streams: Streams,
  options: RunOptions & { readonly modelId?: number; readonly kind?: EvaluationKind },
): Promise<void> {
  await withProject(streams, options, null, async ({ client }, output) => {
    const modelId = options.modelId === undefined ? null : ModelId.parse(options.modelId);
    const all = await client.evaluations.list({ modelId });
    const evaluations = all.filter(({ kind }) => options.kind === undefined || kind === options.kind);
    output.answer(
      { evaluations },
      evaluations.length === 0 ? 'Nothing has been measured yet.' : evaluationTable(evaluations),
    );
  });
}

function evaluationTable(evaluations: readonly Evaluation[]): string {
  const rows = evaluations.map((evaluation) => [
    String(evaluation.id),
    String(evaluation.modelId),
    evaluationWords[evaluation.kind].score,
    evaluation.title,
    evaluation.score.toFixed(3),
    decimals(evaluation.deviation),
    decimals(evaluation.ceiling),
    evaluation.chance === null
      ? ''
      : `${evaluation.chance.mean.toFixed(3)} ± ${evaluation.chance.deviation.toFixed(3)}`,
    secondsOf(evaluation),
  ]);
  const head = ['number', 'model', 'measure', 'what', 'score', '±', 'ceiling', 'chance', 'seconds'];
  return formatTable([head, ...rows]);
}

/** Every way to score groups by every metric, with what chance gives and another training reaches below. */
function groupTable(evaluations: readonly Evaluation[]): string {
  const ofGroups = evaluations.filter(({ kind }) => kind === 'groups');
  const [first] = ofGroups;
  if (first === undefined) return '';
  const row = (title: string, { figures }: Evaluation, suffix: string): string[] => [
    title,
    ...groupMetricNames.map((name) => decimals(figures[`${name}${suffix}`] ?? null)),
  ];
  const rows = ofGroups.map((evaluation) => row(evaluation.title, evaluation, ''));
  const beside = [row('chance', first, ' by chance'), row('ceiling', first, ' ceiling')];
  return formatTable([['what', ...groupMetricNames], ...rows, ...beside]);
}

/** How each way to choose what is removed compares with random, image by image. */
function counterfactualTable(evaluations: readonly Evaluation[]): string {
  const rows = evaluations
    .filter(({ kind, chance }) => kind === 'counterfactual' && chance !== null)
    .map(({ title, figures }) => [
      title,
      decimals(figures['further than random by'] ?? null),
      `${figures['images further than random'] ?? 0} of ${figures['queries'] ?? 0}`,
      decimals(figures['sign test p'] ?? null),
      decimals(figures['cosine'] ?? null),
      decimals(figures['cosine beside random'] ?? null),
      decimals(figures['sign test p of the cosine'] ?? null),
    ]);
  const head = ['what', 'further than random by', 'images', 'p', 'cosine', 'beside random', 'p'];
  return rows.length === 0 ? '' : formatTable([head, ...rows]);
}

function curveTable({ points }: Evaluation['curves'][number]): string {
  const rows = points.map(({ x, y, deviation }) => [formatFigure(x), y.toFixed(3), decimals(deviation)]);
  return formatTable([['x', 'y', '±'], ...rows]);
}

/** Of the attribution itself; the trainings that measured it are no cost of the method. */
function secondsOf({ cost }: Evaluation): string {
  if (cost === null) return '';
  return formatFigure(cost.trainSeconds + cost.cacheSeconds + cost.serveSeconds);
}

function decimals(value: number | null): string {
  return value === null ? '' : value.toFixed(3);
}
