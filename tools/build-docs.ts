/**
 * @file Writes the pages of docs/ that are made from declarations: cli.md from the command line, errors.md from the error
 * catalogue, supported-ops.md from the operator table. `--check` only says whether they are current.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { format, resolveConfig } from 'prettier';
import { createProgram } from '../src/cli/program.ts';
import { errorCatalogue } from '../src/core/base/error-catalogue.ts';
import { whenceVersion } from '../src/engine/version.ts';
import { supportedOperatorsPage } from './supported-ops-page.ts';

const DOCS_PATH = path.resolve(import.meta.dirname, '../docs');
const silent = { write: (): boolean => true };

/** A group of commands has a section for each of them. */
function commandSections(command: Command, group = 'whence'): string[] {
  const name = `${group} ${command.name()}`;
  if (command.commands.length === 0) return [commandSection(command, name)];
  return command.commands.flatMap((inner) => commandSections(inner, name));
}

function commandSection(command: Command, name: string): string {
  const words = command.registeredArguments.map((argument) =>
    argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`,
  );
  const described = command.registeredArguments.map(
    (argument) => `- \`${argument.name()}\`: ${argument.description}`,
  );
  const rows = command.options.map((option) => {
    const fallback =
      option.defaultValue === undefined || option.defaultValue === false
        ? ''
        : `\`${String(option.defaultValue)}\``;
    const choices = option.argChoices === undefined ? '' : ` (${option.argChoices.join(', ')})`;
    return `| \`${option.flags}\` | ${option.mandatory ? '**needed.** ' : ''}${option.description}${choices} | ${fallback} |`;
  });
  return [
    `## ${name}${words.join('')}`,
    command.description(),
    described.join('\n'),
    `| option | meaning | default |\n| --- | --- | --- |\n${rows.join('\n')}`,
  ].join('\n\n');
}

function commandLinePage(): string {
  const program = createProgram({ out: silent, err: silent }, whenceVersion);
  return [
    '# The command line',
    '_Made from the declarations in `src/cli` by `tools/build-docs.ts`._',
    'Run it as `npm run -s whence -- COMMAND …`. With `--json` a command answers with one JSON document on standard output; progress goes to standard error. Exit codes: 0 done, 1 failed, 2 not understood. Ctrl+C stops a run at its last checkpoint; `whence resume` goes on from there.',
    ...program.commands.flatMap((command) => commandSections(command)),
  ].join('\n\n');
}

function errorsPage(): string {
  const rows = Object.entries(errorCatalogue).map(([code, text]) => `| \`${code}\` | ${text} |`);
  return `# Errors\n\n_Made from \`src/core/base/error-catalogue.ts\` by \`tools/build-docs.ts\`._ Names in braces are filled in.\n\n| code | text |\n| --- | --- |\n${rows.join('\n')}`;
}

const pages: Readonly<Record<string, () => string>> = {
  'cli.md': commandLinePage,
  'errors.md': errorsPage,
  'supported-ops.md': supportedOperatorsPage,
};

const check = process.argv.includes('--check');
for (const [name, build] of Object.entries(pages)) {
  const file = path.join(DOCS_PATH, name);
  const text = await format(build(), { ...(await resolveConfig(file)), parser: 'markdown' });
  if (!check) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(`docs/${name} is not current: run npm run docs\n`);
    process.exitCode = 1;
  }
}
