/** @file The one error that is shown to a person. Codes and texts are listed in `error-catalogue.ts`. */
import type { CancelSignal } from './cancel-signal.ts';
import { errorCatalogue, type ErrorCode } from './error-catalogue.ts';

export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/**
 * An expected failure: `code` from the catalogue, `message` saying what was expected, what came and what to do next.
 * Anything thrown that is not an AppError is a bug and crosses walls as `internal`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(formatMessage(errorCatalogue[code], details), options);
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

/** Thrown where work stops because somebody asked it to; never shown as a failure. */
export class CancelledError extends Error {
  constructor() {
    super('cancelled');
    this.name = 'CancelledError';
  }
}

/** Throws `CancelledError` once `signal` is aborted. */
export function throwIfCancelled(signal: CancelSignal | undefined): void {
  if (signal?.aborted === true) throw new CancelledError();
}

/** Fills `{name}` holes from `details`. */
function formatMessage(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (hole, name: string) =>
    name in details ? String(details[name]) : hole,
  );
}
