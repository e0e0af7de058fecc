/** @file One row of the command palette. */

export interface AppCommand {
  readonly id: string;
  readonly text: string;
  readonly group: string;
  readonly note?: string;
  readonly keys?: string;
  readonly run: () => void;
}
