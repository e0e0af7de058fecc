/** @file What images are, one row per image and value: for the colours of a map. */
import type { MapColouring } from '../../contract/maps-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { newestIssueRun } from './issues.ts';

export interface SampleValue {
  readonly sampleId: SampleId;
  readonly value: string | number;
}

type PlainKind = Exclude<MapColouring['kind'], 'column' | 'issue-score'>;

const queries: Readonly<Record<PlainKind, string>> = {
  label: 'SELECT s.id AS sampleId, c.name AS value FROM samples s JOIN classes c ON c.id = s.label',
  'given-label':
    'SELECT s.id AS sampleId, c.name AS value FROM samples s JOIN classes c ON c.id = s.givenLabel',
  split: 'SELECT id AS sampleId, split AS value FROM samples',
  decision: 'SELECT id AS sampleId, decision AS value FROM samples WHERE decision IS NOT NULL',
  tag: `SELECT t.sampleId, tags.name AS value FROM sampleTags t JOIN tags ON tags.id = t.tagId
        ORDER BY t.sampleId, t.tagId`,
  group: `SELECT m.sampleId, g.name AS value FROM groupMembers m JOIN groups g ON g.id = m.groupId
          ORDER BY m.sampleId, g.id`,
  exclusion: `SELECT s.id AS sampleId, iif(x.sampleId IS NULL, 'included', 'excluded') AS value
              FROM samples s LEFT JOIN exclusions x ON x.sampleId = s.id`,
};

/** Images without a value have no row; those of several have as many. The score of label issues is that of the newest run. */
export function readPointValues(connection: Connection, by: MapColouring): Iterable<SampleValue> {
  if (by.kind === 'column')
    return connection
      .prepare('SELECT sampleId, coalesce(number, value) AS value FROM columnValues WHERE columnId = ?')
      .iterate(by.columnId) as Iterable<SampleValue>;
  if (by.kind === 'issue-score')
    return connection
      .prepare('SELECT sampleId, score AS value FROM issues WHERE runId = ?')
      .iterate(newestIssueRun(connection)) as Iterable<SampleValue>;
  return connection.prepare(queries[by.kind]).iterate() as Iterable<SampleValue>;
}
