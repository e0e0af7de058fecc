/** @file The engine's log: one JSON line per entry on standard error; the shell keeps it in a file. */
import pino from 'pino';

export const log = pino(
  { name: 'whence', level: process.env['WHENCE_LOG'] ?? 'warn', base: null },
  pino.destination(2),
);

/** Records an error that no one expected, with the call that met it. */
export function logBug(error: unknown, call: string): void {
  log.error({ err: error, call }, 'unexpected error');
}
