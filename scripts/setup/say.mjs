/** @file What set-up tells the person: on stderr, so that a command's own output stays clean. */

export function say(message) {
  process.stderr.write(`[set-up] ${message}\n`);
}

/** A failure that the person can act on: shown without a stack. */
export class SetupError extends Error {}

/** Ends the process: an expected failure with its message, anything else with its stack. */
export function fail(error) {
  process.stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n`);
  process.exit(1);
}
