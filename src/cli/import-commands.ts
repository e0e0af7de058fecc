/** @file The command that brings images in, and the one that only looks at them. */
import path from 'node:path';
import type { Command } from 'commander';
import { SourceChoices, type SourceLayout } from '../contract/imports-service.ts';
import { optionsOf } from './config-options.ts';
import { createOutput, formatFigure, formatTable, type Streams } from './output.ts';
import { projectCommand } from './project-command.ts';
import { runCommand } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import { openSession } from './session.ts';

const SOURCE =
  'folder, zip, tar or tar.gz of images, a table that names them, or a file of many; see docs/formats.md';
const SHOWN_CLASSES = 20;

export function addImportCommands(program: Command, streams: Streams): void {
  projectCommand(
    program,
    'import',
    'Read images into a project, or look for changes in them.',
    SourceChoices,
    ['sourcePath'],
  )
    .argument('<source>', SOURCE)
    .action((source: string, options: RunOptions) => {
      const config = choicesOf(source, options);
      return runCommand(streams, options, { kind: 'import', config }, { source: config });
    });
  const look = program
    .command('look')
    .description('Say how images would be read, and write nothing: layout, classes, columns, what is wrong.')
    .argument('<source>', SOURCE)
    .option('--json', 'answer with one JSON document on standard output', false);
  for (const option of optionsOf(SourceChoices, ['sourcePath'])) look.addOption(option);
  look.action((source: string, options: LookOptions) => lookAt(streams, source, options));
}

type LookOptions = Readonly<Record<string, unknown>> & { readonly json: boolean };

function choicesOf(source: string, options: Readonly<Record<string, unknown>>): SourceChoices {
  const { imageRoot, ...choices } = SourceChoices.parse({ ...options, sourcePath: path.resolve(source) });
  return imageRoot === undefined ? choices : { ...choices, imageRoot: path.resolve(imageRoot) };
}

async function lookAt(streams: Streams, source: string, options: LookOptions): Promise<void> {
  const session = openSession();
  try {
    const layout = await session.client.imports.inspect(choicesOf(source, options));
    createOutput(streams, options.json).answer({ layout }, describe(layout));
  } finally {
    await session.close();
  }
}

function describe({ table, problems, ...layout }: SourceLayout): string {
  const facts = [
    ['fact', 'value'],
    ['layout', `${layout.kind} (${layout.confidence})`],
    ['could also be', layout.alternatives.join(', ') || 'nothing else'],
    ...layout.splits.map(({ split, count }) => [split, formatFigure(count)]),
    ...(table === null
      ? []
      : [
          ['table', table.file],
          ['path column', table.path ?? 'none'],
          ['label column', table.label ?? 'none'],
          ['split column', table.split ?? 'none'],
          ['other columns', othersOf(table).join(', ') || 'none'],
        ]),
    ['problems', formatFigure(layout.problemCount)],
    ...problems.map(({ path: file, detail }) => ['', `${file}: ${detail}`]),
  ];
  const classes = layout.classes
    .slice(0, SHOWN_CLASSES)
    .map(({ name, count }) => [name, formatFigure(count)]);
  const more = layout.classes.length - classes.length;
  const list = formatTable([
    ['class', 'images'],
    ...classes,
    ...(more > 0 ? [[`and ${more} more`, '']] : []),
  ]);
  return [layout.description, formatTable(facts), ...(classes.length === 0 ? [] : [list])].join('\n');
}

function othersOf({ columns, path: image, label, split }: NonNullable<SourceLayout['table']>): string[] {
  return columns.map(({ name }) => name).filter((name) => ![image, label, split].includes(name));
}
