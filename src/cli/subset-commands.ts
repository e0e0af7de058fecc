/** @file `whence select` and `whence subset …`: choose the images worth training on, and hand subsets on. */
import path from 'node:path';
import type { Command } from 'commander';
import { SelectConfig } from '../contract/selection-config.ts';
import { strategyWords } from '../contract/strategy-words.ts';
import type { MeasuredAccuracy, Subset } from '../contract/subsets-service.ts';
import { SubsetId } from '../contract/vocabulary.ts';
import { addFormatOptions, formatOf, type FormatOptions } from './export-format.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';

export function addSubsetCommands(program: Command, streams: Streams): void {
  projectCommand(
    program,
    'select',
    'Choose the images worth training on, and keep them as a subset; measured by training again where --repeats asks for it.',
    SelectConfig,
    ['subsetId'],
  ).action((options: RunOptions & SelectConfig) =>
    runCommand(streams, options, { kind: 'select', config: options }),
  );
  const subset = program.command('subset').description('Chosen subsets of the training images.');
  projectCommand(subset, 'list', 'List the subsets, what they keep and what was measured.').action(
    (options: RunOptions) => listSubsets(streams, options),
  );
  addMeasure(subset, streams);
  addExport(subset, streams);
  projectCommand(subset, 'remove', 'Remove a subset; no image is touched.')
    .argument('<subset>', 'number of the subset', parseId)
    .action((number: number, options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        await client.subsets.remove({ id: SubsetId.parse(number) });
        output.answer({ removed: number }, `Subset ${number} removed.`);
      }),
    );
}

function addMeasure(subset: Command, streams: Streams): void {
  projectCommand(
    subset,
    'measure',
    'Train the model again on a subset and on random ones of the same size and balance.',
  )
    .argument('<subset>', 'number of the subset', parseId)
    .option('--repeats <number>', 'trainings of each, with other seeds', Number, 3)
    .action((number: number, options: RunOptions & { repeats: number }) =>
      runCommand(streams, options, {
        kind: 'select',
        config: { subsetId: SubsetId.parse(number), repeats: options.repeats },
      }),
    );
}

function addExport(subset: Command, streams: Streams): void {
  const exporting = projectCommand(
    subset,
    'export',
    'Write a subset: path, label, split, score, sha256; the names alone; or any other format of exports.',
  ).argument('<subset>', 'number of the subset', parseId);
  addFormatOptions(exporting).action((number: number, options: RunOptions & FormatOptions) =>
    withProject(streams, options, null, async ({ client }, output) => {
      const written = await client.subsets.export({
        id: SubsetId.parse(number),
        path: path.resolve(options.out),
        format: formatOf(options, 'names'),
        placement: options.placement,
      });
      output.answer(written, `${formatFigure(written.rows)} images written to ${written.path}`);
    }),
  );
}

function listSubsets(streams: Streams, options: RunOptions): Promise<void> {
  return withProject(streams, options, null, async ({ client }, output) => {
    const subsets = await client.subsets.list();
    const rows = subsets.map((subset) => [
      String(subset.id),
      subset.name,
      strategyWords[subset.strategy].title,
      `${formatFigure(subset.sampleCount)} of ${formatFigure(subset.candidateCount)}`,
      keptRange(subset),
      subset.measured === null ? 'not measured' : accuracyText(subset.measured.subset),
      subset.measured === null ? '' : accuracyText(subset.measured.random),
    ]);
    const head = ['subset', 'name', 'strategy', 'images', 'kept per class', 'accuracy', 'random'];
    output.answer(
      { subsets },
      subsets.length === 0 ? 'There is no subset yet.' : formatTable([head, ...rows]),
    );
  });
}

/** '12–40', from the class that keeps fewest to the one that keeps most. */
function keptRange({ classes }: Subset): string {
  const kept = classes.map((one) => one.kept);
  const [least, most] = [Math.min(...kept), Math.max(...kept)];
  return least === most ? String(least) : `${least}–${most}`;
}

function accuracyText({ mean, deviation, repeats }: MeasuredAccuracy): string {
  return `${mean.toFixed(3)} ± ${deviation.toFixed(3)} (${repeats} seeds)`;
}
