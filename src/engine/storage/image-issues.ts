/** @file Issues of pictures as a search found them, kind by kind; their states come from decisions (`issue-resolutions.ts`). */
import type { ImageIssueKind } from '../../contract/issue-kinds.ts';
import type {
  ImageIssue,
  ImageIssueMember,
  ImageIssueSummary,
  MeasureHistogram,
  MemberRelation,
} from '../../contract/image-issues-service.ts';
import type { RunId, SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

export interface FoundImageIssue {
  readonly key: string;
  readonly score: number;
  readonly value: number | null;
  readonly detail: string;
  readonly conflicting: boolean;
  readonly members: readonly {
    readonly sampleId: SampleId;
    readonly similarity: number | null;
    readonly relation: MemberRelation;
  }[];
}

/** What looking for one kind came to. */
export interface KindScan {
  readonly kind: ImageIssueKind;
  readonly threshold: number | null;
  readonly examined: number;
  readonly histogram: MeasureHistogram | null;
  /** The clearest first. */
  readonly issues: readonly FoundImageIssue[];
}

/** Puts what a run found in the place of what was found of these kinds before. */
export function saveScans(connection: Connection, runId: RunId, scans: readonly KindScan[]): void {
  const insertScan = connection.prepare(
    `INSERT INTO imageIssueScans (kind, runId, threshold, examined, histogram, createdAt)
     VALUES (@kind, @runId, @threshold, @examined, @histogram, @createdAt)
     ON CONFLICT (kind) DO UPDATE SET runId = excluded.runId, threshold = excluded.threshold, examined = excluded.examined,
       histogram = excluded.histogram, createdAt = excluded.createdAt`,
  );
  const insertIssue = connection.prepare(
    `INSERT INTO imageIssues (kind, key, rank, score, value, detail, conflicting)
     VALUES (@kind, @key, @rank, @score, @value, @detail, @conflicting)`,
  );
  const insertMember = connection.prepare(
    `INSERT INTO imageIssueMembers (kind, key, position, sampleId, similarity, relation)
     VALUES (@kind, @key, @position, @sampleId, @similarity, @relation)`,
  );
  transact(connection, () => {
    for (const { kind, histogram, issues, ...scan } of scans) {
      connection.prepare('DELETE FROM imageIssueMembers WHERE kind = ?').run(kind);
      connection.prepare('DELETE FROM imageIssues WHERE kind = ?').run(kind);
      const createdAt = new Date().toISOString();
      insertScan.run({
        ...scan,
        kind,
        runId,
        createdAt,
        histogram: histogram === null ? null : JSON.stringify(histogram),
      });
      for (const [index, { members, conflicting, ...issue }] of issues.entries()) {
        insertIssue.run({ ...issue, kind, rank: index + 1, conflicting: conflicting ? 1 : 0 });
        for (const [position, member] of members.entries())
          insertMember.run({ ...member, kind, key: issue.key, position });
      }
    }
  });
}

export function summarizeImageIssues(connection: Connection): ImageIssueSummary[] {
  const rows = connection
    .prepare(
      `SELECT scan.kind, scan.runId, scan.examined, scan.threshold, scan.histogram, count(i.key) AS total,
              count(i.key) - count(r.key) AS open
       FROM imageIssueScans scan LEFT JOIN imageIssues i ON i.kind = scan.kind
       LEFT JOIN issueResolutions r ON r.kind = i.kind AND r.key = i.key
       GROUP BY scan.kind ORDER BY scan.kind`,
    )
    .all() as (Omit<ImageIssueSummary, 'histogram'> & { readonly histogram: string | null })[];
  return rows.map(({ histogram, ...row }) => ({
    ...row,
    histogram: histogram === null ? null : (JSON.parse(histogram) as MeasureHistogram),
  }));
}

/** A page of a kind by rank. */
export function pageImageIssues(
  connection: Connection,
  page: {
    readonly kind: ImageIssueKind;
    readonly from: number;
    readonly count: number;
    readonly state: 'open' | 'all';
  },
): { total: number; issues: ImageIssue[] } {
  const from = `FROM imageIssues i LEFT JOIN issueResolutions r ON r.kind = i.kind AND r.key = i.key
                WHERE i.kind = @kind ${page.state === 'open' ? 'AND r.state IS NULL' : ''}`;
  const total = connection.prepare(`SELECT count(*) ${from}`).pluck().get({ kind: page.kind });
  const rows = connection
    .prepare(
      `SELECT i.*, coalesce(r.state, 'open') AS state ${from} ORDER BY i.rank LIMIT @count OFFSET @from`,
    )
    .all({ kind: page.kind, from: page.from, count: page.count }) as IssueRow[];
  return { total: total as number, issues: rows.map((row) => withMembers(connection, row)) };
}

/** Null where the kind has no such issue. */
export function findImageIssue(connection: Connection, kind: ImageIssueKind, key: string): ImageIssue | null {
  const row = connection
    .prepare(
      `SELECT i.*, coalesce(r.state, 'open') AS state FROM imageIssues i
       LEFT JOIN issueResolutions r ON r.kind = i.kind AND r.key = i.key WHERE i.kind = ? AND i.key = ?`,
    )
    .get(kind, key) as IssueRow | undefined;
  return row === undefined ? null : withMembers(connection, row);
}

type IssueRow = Omit<ImageIssue, 'conflicting' | 'members'> & { readonly conflicting: number };
type MemberRow = Omit<ImageIssueMember, 'excluded'> & { readonly excluded: number };

function withMembers(connection: Connection, row: IssueRow): ImageIssue {
  const members = connection
    .prepare(
      `SELECT m.sampleId, m.similarity, m.relation, x.sampleId IS NOT NULL AS excluded
       FROM imageIssueMembers m LEFT JOIN exclusions x ON x.sampleId = m.sampleId
       WHERE m.kind = ? AND m.key = ? ORDER BY m.position`,
    )
    .all(row.kind, row.key) as MemberRow[];
  return {
    ...row,
    conflicting: row.conflicting === 1,
    members: members.map((member) => ({ ...member, excluded: member.excluded === 1 })),
  };
}
