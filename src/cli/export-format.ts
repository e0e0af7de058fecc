/** @file How the command line is told what to write: the format by its name or by the file's ending, and how images come into a folder. */
import path from 'node:path';
import { Option, type Command } from 'commander';
import { exportEndings, ExportFormat, FilePlacement } from '../contract/export-formats.ts';

export interface FormatOptions {
  readonly out: string;
  readonly format?: ExportFormat;
  readonly placement: FilePlacement;
}

export function addFormatOptions(command: Command): Command {
  return command
    .requiredOption('--out <path>', 'file, or new folder, to write')
    .addOption(
      new Option(
        '--format <format>',
        'see docs/formats.md; by the ending of a file where not given (.csv, .jsonl, .parquet, .txt: names)',
      ).choices(ExportFormat.options),
    )
    .addOption(
      new Option('--placement <how>', 'how image files come into a folder')
        .choices(FilePlacement.options)
        .default('copy'),
    );
}

/** What was asked for, else the first format with this ending; `otherwise` for an ending that says nothing. */
export function formatOf({ out, format }: FormatOptions, otherwise: ExportFormat): ExportFormat {
  const ending = path.extname(out).slice(1);
  return format ?? ExportFormat.options.find((option) => exportEndings[option] === ending) ?? otherwise;
}
