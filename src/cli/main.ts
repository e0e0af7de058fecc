/** @file Runs one command line and answers its exit code: 0 done, 1 failed, 2 not understood. */
import { CommanderError } from 'commander';
import { AppError } from '../core/base/app-error.ts';
import { describeFailure } from '../contract/server.ts';
import { logBug } from '../engine/log.ts';
import { whenceVersion } from '../engine/version.ts';
import type { Streams } from './output.ts';
import { createProgram } from './program.ts';
import { Unsuccessful } from './unsuccessful.ts';

const USAGE_CODES: readonly string[] = ['usage-invalid', 'call-invalid'];

/** `words`: the command line without the program's own name. With --json a failure, too, is one JSON document. */
export async function runCommandLine(words: readonly string[], streams: Streams): Promise<0 | 1 | 2> {
  try {
    await createProgram(streams, whenceVersion).parseAsync([...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof Unsuccessful) return 1;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof AppError)) logBug(error, `whence ${words[0] ?? ''}`);
    const failure = describeFailure(error);
    const message = error instanceof Error ? error.message : String(error);
    if (words.includes('--json'))
      streams.out.write(`${JSON.stringify({ error: { ...failure, message } }, null, 2)}\n`);
    streams.err.write(`whence: ${message}\n`);
    return USAGE_CODES.includes(failure.code) ? 2 : 1;
  }
}
