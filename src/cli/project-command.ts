/** @file A command that works on a project: the options that all of them have, and those of what it does. */
import type { Command } from 'commander';
import type { z } from 'zod';
import { optionsOf } from './config-options.ts';

/** `leaveOut`: fields of `schema` for which the command has words of its own. */
export function projectCommand(
  parent: Command,
  name: string,
  description: string,
  schema?: z.ZodObject,
  leaveOut: readonly string[] = [],
): Command {
  const command = parent
    .command(name)
    .description(description)
    .requiredOption('--project <folder>', 'project folder (….whence)')
    .option('--json', 'answer with one JSON document on standard output', false);
  for (const option of schema === undefined ? [] : optionsOf(schema, leaveOut)) command.addOption(option);
  return command;
}
