/** @file `whence evaluate …` and `whence evaluations`: how far scores, rankings and selections can be trusted on a model. */
import { Option, type Command } from 'commander';
import { z } from 'zod';
import {
  EvaluateBrittlenessConfig,
  EvaluateLdsConfig,
  EvaluateLeaveOneOutConfig,
  EvaluateMislabelConfig,
} from '../contract/evaluation-configs.ts';
import { EvaluationKind, type Evaluation } from '../contract/evaluations-service.ts';
import { evaluationWords } from '../contract/evaluation-words.ts';
import type { Run, RunRequest } from '../contract/runs-service.ts';
import { EvaluateSelectionConfig } from '../contract/selection-config.ts';
import { ModelId } from '../contract/vocabulary.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, withProject, type Addition } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

const configs = {
  lds: EvaluateLdsConfig,
  loo: EvaluateLeaveOneOutConfig,
  brittleness: EvaluateBrittlenessConfig,
  'mislabel-auc': EvaluateMislabelConfig,
  selection: EvaluateSelectionConfig,
} as const satisfies Record<EvaluationKind, z.ZodObject>;

export function addEvaluateCommands(program: Command, streams: Streams): void {
  const evaluate = program
    .command('evaluate')
    .description('Measure, by training again, how far scores, rankings and selections can be trusted.');
  for (const kind of EvaluationKind.options) {
    const { tells, costs } = evaluationWords[kind];
    projectCommand(evaluate, kind, `${tells} ${costs}`, configs[kind]).action((options: RunOptions) => {
      const request = { kind: `evaluate-${kind}`, config: options } as RunRequest;
      return runCommand(streams, options, request, { then: resultsOf });
    });
  }
  projectCommand(program, 'evaluations', 'List what was measured about the methods.')
    .option('--model-id <number>', 'of this model alone', parseId)
    .addOption(new Option('--kind <kind>', 'of this kind alone').choices(EvaluationKind.options))
    .action((options: RunOptions & { modelId?: number; kind?: EvaluationKind }) =>
      listEvaluations(streams, options),
    );
}

async function resultsOf({ client }: Session, run: Run): Promise<Addition> {
  const all = await client.evaluations.list({});
  const evaluations = all.filter(({ runId }) => runId === run.id);
  const curves = evaluations.flatMap(({ title, curves }) =>
    curves.map((curve) => `${title}: ${curve.name}\n${curveTable(curve)}`),
  );
  return { document: { evaluations }, text: [evaluationTable(evaluations), ...curves].join('\n\n') };
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
