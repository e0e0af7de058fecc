/** @file Guards for what must hold inside the program; a failure here is a bug, never the user's input. */

/** Throws `internal: message` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message}`);
}

/** The value, which must be there. `what` names it in the error. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`internal: ${what} is missing`);
  return value;
}

/** Closes a switch over a union: a forgotten case is a type error. */
export function unreachable(value: never): never {
  throw new Error(`internal: unexpected ${JSON.stringify(value)}`);
}
