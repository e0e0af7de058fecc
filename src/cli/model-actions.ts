/** @file What `whence model check`, `whence model add` and `whence model import` do. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { AppError } from '../core/base/app-error.ts';
import { DenoiserChoices } from '../contract/denoiser-choices.ts';
import { ModelChoices } from '../contract/model-choices.ts';
import { ModelCheckRequest } from '../contract/models-service.ts';
import { describeReport } from './model-report-text.ts';
import { createOutput, type Streams } from './output.ts';
import { followRun, withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import { openSession } from './session.ts';

/** Fails where nothing can be done with the file, so that a script notices. */
export async function checkModelFile(
  streams: Streams,
  file: string,
  options: { readonly json: boolean } & Omit<ModelCheckRequest, 'path'>,
): Promise<void> {
  const session = openSession();
  try {
    const request = ModelCheckRequest.parse({ ...options, path: path.resolve(file) });
    const report = await session.client.models.check(request);
    createOutput(streams, options.json).answer(report, describeReport(report));
    if (report.uses.some((use) => use.possible)) return;
    const reason = report.advice[0] ?? 'none of its outputs can be used';
    throw new AppError('model-useless', { path: file, reason: reason.replace(/\.$/, '') });
  } finally {
    await session.close();
  }
}

export async function addModelFile(
  streams: Streams,
  file: string,
  options: RunOptions & { readonly classes?: string },
): Promise<void> {
  const classNames = options.classes === undefined ? [] : await readClassNames(options.classes);
  await withProject(streams, options, null, async (session, output) => {
    const choices = ModelChoices.parse({ ...options, classNames });
    const runId = await session.client.models.add({ path: path.resolve(file), choices });
    await followRun(session, output, runId);
  });
}

export async function importDenoiserFile(
  streams: Streams,
  file: string,
  options: RunOptions & {
    readonly classes?: string;
    readonly schedule: string;
    readonly embeddings?: string;
    readonly vaeEncoder?: string;
    readonly vaeDecoder?: string;
    readonly vaeConfig?: string;
    readonly textEncoder?: string;
    readonly tokenizer?: string;
    readonly captions?: string;
  },
): Promise<void> {
  const classNames = options.classes === undefined ? [] : await readClassNames(options.classes);
  await withProject(streams, options, null, async (session, output) => {
    const runId = await session.client.models.importDenoiser({
      path: path.resolve(file),
      schedulePath: path.resolve(options.schedule),
      embeddingsPath: resolved(options.embeddings),
      vaeEncoderPath: resolved(options.vaeEncoder),
      vaeDecoderPath: resolved(options.vaeDecoder),
      vaeConfigPath: resolved(options.vaeConfig),
      textEncoderPath: resolved(options.textEncoder),
      tokenizerPath: resolved(options.tokenizer),
      captionsPath: resolved(options.captions),
      choices: DenoiserChoices.parse({ ...options, classNames }),
    });
    await followRun(session, output, runId);
  });
}

function resolved(file: string | undefined): string | null {
  return file === undefined ? null : path.resolve(file);
}

/** One name a line, the first column of a CSV, a JSON list, or a JSON object from index to name. */
async function readClassNames(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError('source-not-found', { path: file }, { cause });
  });
  const names = /^\s*[[{]/.test(text) ? namesOfJson(JSON.parse(text)) : namesOfLines(text);
  if (names.length > 0) return names;
  throw new AppError('usage-invalid', { reason: `${file} holds no class names` });
}

function namesOfJson(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(nameOf);
  const entries = Object.entries(value as Record<string, unknown>);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, name]) => nameOf(name));
}

/** Keras writes [identifier, name]. */
function nameOf(value: unknown): string {
  return Array.isArray(value) ? String(value.at(-1)) : String(value);
}

function namesOfLines(text: string): string[] {
  const rows: string[][] = parse(text, { skip_empty_lines: true, relax_column_count: true });
  return rows.map((row) => row[0]?.trim() ?? '');
}
