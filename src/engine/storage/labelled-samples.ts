/** @file What training and attribution read of the table `samples`: which images there are, and their current labels. */
import type { ClassId, SampleId, Split } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

export interface PresentSample {
  readonly id: SampleId;
  readonly sha256: string;
  readonly split: Split;
  /** After the reviewers' decisions; null: unlabelled. */
  readonly label: ClassId | null;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** 1: a decision about an issue leaves it out of trainings and tests. */
  readonly excluded: 0 | 1;
}

/** Every image whose file was there at the last import, by id. */
export function listPresentSamples(connection: Connection): PresentSample[] {
  return connection
    .prepare(
      `SELECT id, sha256, split, label, width, height, channels,
              EXISTS (SELECT 1 FROM exclusions x WHERE x.sampleId = samples.id) AS excluded
       FROM samples WHERE missing = 0 ORDER BY id`,
    )
    .all() as PresentSample[];
}

export function listClassNames(connection: Connection): Map<ClassId, string> {
  const rows = connection.prepare('SELECT id, name FROM classes ORDER BY id').all();
  return new Map((rows as { id: ClassId; name: string }[]).map(({ id, name }) => [id, name]));
}
