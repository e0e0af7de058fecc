/** @file A command that works on a project: the options that all of them have, and those of what it does. */
import type { Command, Option } from 'commander';
import type { z } from 'zod';
import { optionsOf } from './config-options.ts';

/** `schema`: of what it does, or options that were made already. `leaveOut`: fields of it for which the command has words of its own. `isDefault`: what the group does without a further word. */
export function projectCommand(
  parent: Command,
  name: string,
  description: string,
  schema?: z.ZodObject | readonly Option[],
  leaveOut: readonly string[] = [],
  isDefault = false,
): Command {
  const command = parent
    .command(name, { isDefault })
    .description(description)
    .requiredOption('--project <folder>', 'project folder (….whence)')
    .option('--json', 'answer with one JSON document on standard output', false);
  for (const option of optionsFrom(schema, leaveOut)) command.addOption(option);
  return command;
}

function optionsFrom(
  schema: z.ZodObject | readonly Option[] | undefined,
  leaveOut: readonly string[],
): readonly Option[] {
  if (schema === undefined) return [];
  return 'shape' in schema ? optionsOf(schema, leaveOut) : schema;
}
