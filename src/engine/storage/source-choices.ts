/** @file What a person said of each source where the guess was wrong: a later import of it goes by the same. */
import { SourceChoices } from '../../contract/imports-service.ts';
import type { Connection } from './connection.ts';

/** Where something is said beside the path itself, it takes the place of what was said before. */
export function rememberSourceChoices(
  connection: Connection,
  sourceId: number,
  choices: SourceChoices,
): void {
  if (!saysAnything(choices)) return;
  connection
    .prepare('UPDATE sources SET choices = ? WHERE id = ?')
    .run(JSON.stringify(SourceChoices.parse(choices)), sourceId);
}

/** `path`: of the source, or as it was asked for when something was said. null: nothing was. */
export function recallSourceChoices(connection: Connection, path: string): SourceChoices | null {
  const kept = connection
    .prepare(
      `SELECT choices FROM sources WHERE choices IS NOT NULL AND (path = @path OR choices ->> 'sourcePath' = @path)
       ORDER BY id DESC LIMIT 1`,
    )
    .pluck()
    .get({ path }) as string | undefined;
  return kept === undefined ? null : SourceChoices.parse(JSON.parse(kept));
}

export function saysAnything({ sourcePath: _, ...choices }: SourceChoices): boolean {
  return Object.values(choices).some((choice) => choice !== undefined);
}
