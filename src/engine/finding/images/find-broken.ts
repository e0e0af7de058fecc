/** @file Files that are no readable images: at import, by now, or gone. */
import type { Connection } from '../../storage/connection.ts';
import type { FoundImageIssue, KindScan } from '../../storage/image-issues.ts';
import { listMissing, listProblems } from '../../storage/broken-files.ts';
import { aboutImage } from './kind-scan.ts';
import type { UnreadableImage } from './measure-images.ts';

export function findBroken(
  connection: Connection,
  unreadable: readonly UnreadableImage[],
  examined: number,
): KindScan {
  const problems = listProblems(connection).map(({ path, detail, key }): FoundImageIssue => ({
    key: `file ${key}`,
    score: 1,
    value: null,
    detail: `${path}: ${detail}`,
    conflicting: false,
    members: [],
  }));
  const missing = listMissing(connection).map((id) =>
    aboutImage(id, 'The file was gone at the last import.'),
  );
  const damaged = unreadable.map(({ id, reason }) => aboutImage(id, reason));
  const images = [...missing, ...damaged].map((issue) => ({ ...issue, score: 1, value: null }));
  return {
    kind: 'broken',
    threshold: null,
    examined: examined + problems.length,
    histogram: null,
    issues: [...images, ...problems],
  };
}
