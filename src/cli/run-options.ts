/** @file What every command that opens a project is given. */
export interface RunOptions extends Readonly<Record<string, unknown>> {
  readonly project: string;
  readonly json: boolean;
}
