/** @file The command line as a test uses it: what a command answers, and a home of Whence's own. */
import { expect } from 'vitest';
import { runCommandLine } from '../src/cli/main.ts';

/** Exit code, what was answered, and what was told on the side. */
export interface CommandAnswer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runWords(words: readonly string[]): Promise<CommandAnswer> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine([...words], {
    out: { write: (text) => out.push(text) },
    err: { write: (text) => err.push(text) },
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** The one JSON document that --json promises of a command that must succeed. */
export async function readAnswer<Answer = Record<string, unknown>>(
  answered: Promise<CommandAnswer>,
): Promise<Answer> {
  const { code, out, err } = await answered;
  expect(code, err).toBe(0);
  return JSON.parse(out) as Answer;
}

/** What Whence remembers of this machine lies here until the answer is called. */
export function useHome(path: string): () => void {
  const before = process.env['WHENCE_HOME'];
  process.env['WHENCE_HOME'] = path;
  return () => {
    if (before === undefined) delete process.env['WHENCE_HOME'];
    else process.env['WHENCE_HOME'] = before;
  };
}
