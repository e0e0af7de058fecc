/** @file The choices of a run with what it settled them to: what was the newest model then, and all queries and groups, may be others when it is done again. */
import type { Run } from '../../contract/runs-service.ts';
import type { Connection } from '../storage/connection.ts';
import { readGroupAttribution } from '../storage/groups.ts';
import { readQueryAttribution } from '../storage/queries.ts';
import { readRunProvenance } from '../storage/runs.ts';

export function settledConfig(
  connection: Connection,
  run: Pick<Run, 'id' | 'kind' | 'status' | 'config'>,
): Run['config'] {
  const { modelId } = readRunProvenance(connection, run.id);
  const settled = modelId === undefined ? run.config : { ...run.config, modelId };
  if (run.status !== 'finished') return settled;
  const all = askedAbout(connection, run);
  const open = Object.entries(all).filter(([name]) => isEmptyList(settled[name]));
  return { ...settled, ...Object.fromEntries(open) };
}

/** Ids of the queries and groups that a run answers about, by the name of the choice. */
function askedAbout(
  connection: Connection,
  { id, kind }: Pick<Run, 'id' | 'kind'>,
): Readonly<Record<string, readonly number[]>> {
  switch (kind) {
    case 'attribute-queries': {
      const queries = readQueryAttribution(connection, id)?.queries ?? [];
      return { queries: queries.map(({ queryId }) => queryId) };
    }
    case 'attribute-groups': {
      const { queries, groups } = readGroupAttribution(connection, id);
      return {
        queries: queries.map(({ queryId }) => queryId),
        groups: groups.map(({ groupId }) => groupId),
      };
    }
    default:
      return {};
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
