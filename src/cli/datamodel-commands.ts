/** @file `whence ddm …`: distilled datamodels. A synset is learned once for a model and then says what leaving images out would change. */
import type { Command } from 'commander';
import { DistilConfig, QueryDatamodelConfig, SynsetId } from '../contract/datamodel-configs.ts';
import type { DatamodelAnswer, PerturbationEffect, Synset } from '../contract/datamodels-service.ts';
import type { Run } from '../contract/runs-service.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, withProject, type Addition } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

/** Of what is left out, those that change most at either end are printed. */
const PRINTED = 20;

export function addDatamodelCommands(program: Command, streams: Streams): void {
  const ddm = program
    .command('ddm')
    .description(
      'Distilled datamodels (reconstructed): spend once on a small synthetic set, then ask what leaving images out would change.',
    );
  projectCommand(
    ddm,
    'distill',
    'Learn a synset of a classifier: synthetic images that have the gradients of clusters of its training images.',
    DistilConfig,
  ).action((options: RunOptions & DistilConfig) =>
    runCommand(streams, options, { kind: 'distil', config: options }, { then: synsetOf }),
  );
  projectCommand(
    ddm,
    'query',
    'Ask a synset what would change without each cluster, class or group, without all but a subset, or without random clusters.',
    QueryDatamodelConfig,
  ).action((options: RunOptions & QueryDatamodelConfig) =>
    runCommand(streams, options, { kind: 'query-datamodel', config: options }, { then: answerOf }),
  );
  projectCommand(ddm, 'list', 'List the synsets and how well their gradients match.').action(
    (options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        const synsets = await client.datamodels.synsets();
        output.answer({ synsets }, synsets.length === 0 ? 'There is no synset yet.' : synsetTable(synsets));
      }),
  );
  projectCommand(ddm, 'remove', 'Remove a synset and what it answered; no image is touched.')
    .argument('<synset>', 'number of the synset', parseId)
    .action((number: number, options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        await client.datamodels.remove({ id: SynsetId.parse(number) });
        output.answer({ removed: number }, `Synset ${number} removed.`);
      }),
    );
}

async function synsetOf({ client }: Session, run: Run): Promise<Addition> {
  const synset = (await client.datamodels.synsets()).find(({ runId }) => runId === run.id);
  if (synset === undefined) return { document: {}, text: '' };
  const rows = synset.matched.map(({ epochs, before, after }, index) => [
    epochs === null ? `checkpoint ${index + 1}` : `after epoch ${epochs}`,
    before.toFixed(3),
    after.toFixed(3),
  ]);
  return {
    document: { synset },
    text: formatTable([['gradients at', 'distance before', 'after'], ...rows]),
  };
}

function synsetTable(synsets: readonly Synset[]): string {
  const rows = synsets.map(({ id, modelId, clusterCount, sampleCount, choices, matched, seconds }) => [
    String(id),
    String(modelId),
    formatFigure(clusterCount),
    formatFigure(clusterCount * choices.imagesPerCluster),
    formatFigure(sampleCount),
    matched.map(({ before, after }) => `${before.toFixed(2)} → ${after.toFixed(2)}`).join(', '),
    formatFigure(seconds),
  ]);
  const head = ['synset', 'model', 'clusters', 'images', 'stand for', 'distances', 'seconds'];
  return formatTable([head, ...rows]);
}

async function answerOf({ client }: Session, run: Run): Promise<Addition> {
  const answers = await client.datamodels.answers({});
  const answer = answers.find(({ runId }) => runId === run.id);
  if (answer === undefined) return { document: {}, text: '' };
  return { document: { answer }, text: answerText(answer) };
}

/** What hurts most when it goes first. */
function answerText({ effects, controlAccuracy, modelAccuracy, queryCount }: DatamodelAnswer): string {
  const sorted = effects.toSorted((a, b) => b.lossChange - a.lossChange);
  const shown =
    sorted.length <= PRINTED ? sorted : [...sorted.slice(0, PRINTED / 2), ...sorted.slice(-PRINTED / 2)];
  const left = sorted.length - shown.length;
  return [
    `Accuracy of the model ${modelAccuracy.toFixed(3)}, of the control ${controlAccuracy.toFixed(3)}, on ${queryCount} images.`,
    formatTable([['without', 'images', 'accuracy', 'loss'], ...shown.map(effectRow)]),
    ...(left > 0 ? [`${left} more between these: --json has all.`] : []),
  ].join('\n');
}

function effectRow({ name, removed, accuracyChange, lossChange }: PerturbationEffect): string[] {
  return [name, formatFigure(removed), signed(accuracyChange), signed(lossChange)];
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
