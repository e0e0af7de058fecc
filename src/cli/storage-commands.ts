/** @file `whence storage …`: what a project takes on disk, and putting away what can be made again. */
import { Option, type Command } from 'commander';
import { clearableParts, partWords, type ClearablePart, type StoredPart } from '../contract/storage-parts.ts';
import { formatTable, type Streams } from './output.ts';
import { projectCommand } from './project-command.ts';
import { withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';

export function addStorageCommands(program: Command, streams: Streams): void {
  const storage = program
    .command('storage')
    .description('What a project takes on disk, and putting away what can be made again.');
  projectCommand(storage, 'list', 'List the parts of the project and their sizes.').action(
    (options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        const parts = await client.projects.storage();
        output.answer({ parts }, describe(parts));
      }),
  );
  projectCommand(
    storage,
    'clear',
    'Delete parts that are made again when they are needed, at the cost of time.',
  )
    .addOption(
      new Option('--parts <parts...>', 'which; all of these where none are given')
        .choices(clearableParts)
        .default(clearableParts),
    )
    .action((options: RunOptions & { parts: ClearablePart[] }) =>
      withProject(streams, options, null, async ({ client }, output) => {
        const parts = await client.projects.clearStorage({ parts: options.parts });
        output.answer({ parts }, describe(parts));
      }),
    );
}

function describe(parts: readonly StoredPart[]): string {
  const rows = parts.map(({ part, bytes }) => [
    part,
    `${(bytes / 1e6).toFixed(1)} MB`,
    partWords[part].meaning,
  ]);
  return formatTable([['part', 'size', 'what it is'], ...rows]);
}
