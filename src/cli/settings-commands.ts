/** @file `whence settings …`: what the window's Settings screen shows, on the command line. */
import path from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../core/base/app-error.ts';
import { SettingName, Settings, type ChosenDefaults } from '../contract/settings-service.ts';
import { flagOf } from './config-options.ts';
import { createOutput, formatTable, type Output, type Streams } from './output.ts';
import { openSession, type Session } from './session.ts';

interface Options {
  readonly json: boolean;
}

export function addSettingsCommands(program: Command, streams: Streams): void {
  const settings = program
    .command('settings')
    .description(
      'What is set on this machine, for the window and for all commands: device, memory, places, looks, keys.',
    );
  const command = (name: string, description: string): Command =>
    settings
      .command(name)
      .description(description)
      .option('--json', 'answer with one JSON document on standard output', false);
  command('list', 'List the settings, and what Whence chooses where nothing is set.').action(
    (options: Options) => withSession(streams, options, showSettings),
  );
  command('set', 'Set one of them.')
    .argument('<name>', 'name of the setting, as the list shows it')
    .argument('<value>', 'its value; a list or a table as JSON')
    .action((words: string, text: string, options: Options) =>
      withSession(streams, options, async (session, output) => {
        const name = settingNamed(words);
        await session.client.settings.change({ [name]: readValue(name, text) });
        await showSettings(session, output);
      }),
    );
  command('reset', 'Go back to the defaults.')
    .argument('[names...]', 'names of settings; all where none are given')
    .action((words: string[], options: Options) =>
      withSession(streams, options, async (session, output) => {
        await session.client.settings.reset(words.length === 0 ? {} : { names: words.map(settingNamed) });
        await showSettings(session, output);
      }),
    );
}

async function withSession(
  streams: Streams,
  { json }: Options,
  work: (session: Session, output: Output) => Promise<void>,
): Promise<void> {
  const session = openSession();
  try {
    await work(session, createOutput(streams, json));
  } finally {
    await session.close();
  }
}

async function showSettings({ client }: Session, output: Output): Promise<void> {
  const { settings, chosen } = await client.settings.read();
  const rows = SettingName.options.map((name) => [wordsOf(name), describe(name, settings, chosen)]);
  output.answer({ settings, chosen }, formatTable([['setting', 'value'], ...rows]));
}

function describe(name: SettingName, settings: Settings, chosen: ChosenDefaults): string {
  const value = settings[name];
  if (name in chosen && (value === null || value === 0 || value === ''))
    return `automatic: ${chosen[name as keyof ChosenDefaults]}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** 'memoryMib' → 'memory-mib', as options are written. */
const wordsOf = (name: SettingName): string => flagOf(name).slice(2);

function settingNamed(words: string): SettingName {
  const name = SettingName.options.find((known) => wordsOf(known) === words);
  if (name !== undefined) return name;
  throw new AppError('setting-unknown', { name: words, known: SettingName.options.map(wordsOf).join(', ') });
}

/** Words where the setting takes words, else what they are as JSON. */
function readValue(name: SettingName, text: string): unknown {
  const schema = Settings.shape[name];
  const value = name === 'projectsPath' && text !== '' ? path.resolve(text) : text;
  if (schema.safeParse(value).success) return value;
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const reason = parsed.error.issues[0]?.message ?? 'it is no such value';
  throw new AppError('setting-invalid', { name: wordsOf(name), value: text, reason });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
