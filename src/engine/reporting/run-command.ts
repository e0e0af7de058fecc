/** @file The command that does a run again, as it is typed. */
import type { RunMaterial } from './report-materials.ts';

const commands: Readonly<Record<string, string>> = {
  train: 'train',
  'train-denoiser': 'train',
  'sample-images': 'sample',
  'attribute-queries': 'attribute',
  'attribute-groups': 'groups attribute',
};

/** A search for near-copies is about the queries of its case. null: the run is not started by a command of parameters alone, as where a model file was brought. */
export function commandOf(
  { kind, config }: Pick<RunMaterial, 'kind' | 'config'>,
  { project, caseId }: { readonly project: string; readonly caseId: number },
): string | null {
  const command = kind === 'find-copies' ? `case check copies ${caseId}` : commands[kind];
  if (command === undefined) return null;
  const options = Object.entries(config)
    .filter(([name]) => name !== 'scoresPath' && !(kind === 'find-copies' && name === 'queries'))
    .flatMap(([name, value]) => optionOf(name, value));
  return [`whence ${command} --project ${project}`, ...options].join(' ');
}

function optionOf(name: string, value: unknown): string[] {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === null || value === false || value === undefined) return [];
  if (value === true) return [flag];
  if (Array.isArray(value)) return value.length === 0 ? [] : [`${flag} ${shellWord(value.join(','))}`];
  return [`${flag} ${shellWord(typeof value === 'string' ? value : JSON.stringify(value))}`];
}

/** Quoted where a shell would read more than a word. */
export function shellWord(text: string): string {
  return /^[\w./,:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
