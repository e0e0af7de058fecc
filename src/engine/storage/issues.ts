/** @file Label issues: what an issue run found, ranked, with the training images behind it; states come from decisions. */
import { AppError } from '../../core/base/app-error.ts';
import type {
  Issue,
  IssueEvidence,
  IssueState,
  IssueSummary,
  NoiseMatrix,
} from '../../contract/findings-service.ts';
import type { AttributionMethod } from '../../contract/attribution-choices.ts';
import type { InfluenceEntry, IssueMethod } from '../../contract/runs-service.ts';
import type { ClassId, ModelId, RunId, SampleId } from '../../contract/vocabulary.ts';
import type { z } from 'zod';
import { transact, type Connection } from './connection.ts';

type Influence = z.infer<typeof InfluenceEntry>;

export interface IssueRun {
  readonly runId: RunId;
  readonly modelId: ModelId;
  readonly method: IssueMethod;
  readonly estimatedNoise: number | null;
  /** `lastEventId` of when the run read the labels: later decisions answer its issues. */
  readonly seenEventId: number;
  readonly evidenceMethod: AttributionMethod | null;
}

export interface FoundIssue {
  readonly sampleId: SampleId;
  readonly score: number;
  readonly givenLabel: ClassId;
  readonly suggestedLabel: ClassId;
  readonly signals: Readonly<Record<string, number>>;
  readonly flagged: boolean;
}

export interface FoundEvidence {
  readonly targetId: SampleId;
  readonly towards: 'given' | 'suggested';
  readonly entries: readonly Influence[];
}

/** A decision answers an issue where it was made after the run had read the labels, and still stands. */
const STATE = `CASE WHEN s.decisionEventId > r.seenEventId THEN s.decision ELSE 'open' END`;
const FROM_ISSUES = `FROM issues i JOIN issueRuns r ON r.runId = i.runId JOIN samples s ON s.id = i.sampleId`;

/** Stores what a run found, most suspicious first; replaces what an earlier attempt of the same run had stored. */
export function saveIssueRun(connection: Connection, run: IssueRun, issues: readonly FoundIssue[]): void {
  transact(connection, () => {
    connection.prepare('DELETE FROM issueEvidence WHERE runId = ?').run(run.runId);
    connection.prepare('DELETE FROM issues WHERE runId = ?').run(run.runId);
    connection.prepare('DELETE FROM issueNoise WHERE runId = ?').run(run.runId);
    connection.prepare('DELETE FROM issueRuns WHERE runId = ?').run(run.runId);
    connection
      .prepare(
        `INSERT INTO issueRuns (runId, modelId, method, estimatedNoise, seenEventId, evidenceMethod, createdAt, issueCount,
                              flaggedCount)
         VALUES (@runId, @modelId, @method, @estimatedNoise, @seenEventId, @evidenceMethod, @createdAt, @issueCount,
                 @flaggedCount)`,
      )
      .run({
        ...run,
        createdAt: new Date().toISOString(),
        issueCount: issues.length,
        flaggedCount: issues.filter(({ flagged }) => flagged).length,
      });
    const insert = connection.prepare(
      `INSERT INTO issues (runId, sampleId, rank, score, givenLabel, suggestedLabel, signals, flagged)
       VALUES (@runId, @sampleId, @rank, @score, @givenLabel, @suggestedLabel, @signals, @flagged)`,
    );
    issues.forEach((issue, index) => {
      insert.run({
        ...issue,
        runId: run.runId,
        rank: index + 1,
        signals: JSON.stringify(issue.signals),
        flagged: issue.flagged ? 1 : 0,
      });
    });
  });
}

/** Stores the training images that pull issues' images towards one of their two labels, strongest first. */
export function saveEvidence(connection: Connection, runId: RunId, evidence: readonly FoundEvidence[]): void {
  transact(connection, () => {
    const clear = connection.prepare(
      'DELETE FROM issueEvidence WHERE runId = ? AND targetId = ? AND towards = ?',
    );
    const insert = connection.prepare(
      `INSERT INTO issueEvidence (runId, targetId, towards, position, sampleId, score) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    for (const { targetId, towards, entries } of evidence) {
      clear.run(runId, targetId, towards);
      entries.forEach((entry, index) =>
        insert.run(runId, targetId, towards, index, entry.sampleId, entry.score),
      );
    }
  });
}

/** Stores a run's noise matrix; cells without images are left out. */
export function saveNoise(connection: Connection, runId: RunId, { cells }: NoiseMatrix): void {
  const insert = connection.prepare(
    'INSERT INTO issueNoise (runId, givenLabel, trueLabel, count) VALUES (?, ?, ?, ?)',
  );
  transact(connection, () => {
    connection.prepare('DELETE FROM issueNoise WHERE runId = ?').run(runId);
    for (const { given, truth, count } of cells) if (count > 0) insert.run(runId, given, truth, count);
  });
}

/** The noise matrix of the newest run; null where it has none. */
export function readNoise(connection: Connection): NoiseMatrix | null {
  const cells = connection
    .prepare(
      `SELECT givenLabel AS given, trueLabel AS truth, count FROM issueNoise WHERE runId = ?
       ORDER BY givenLabel, trueLabel`,
    )
    .all(newestIssueRun(connection)) as NoiseMatrix['cells'];
  return cells.length === 0 ? null : { cells };
}

/** The newest run that found issues, or null. */
export function newestIssueRun(connection: Connection): RunId | null {
  return connection.prepare('SELECT max(runId) FROM issueRuns').pluck().get() as RunId | null;
}

export function summarizeIssues(connection: Connection): IssueSummary {
  const runId = newestIssueRun(connection);
  if (runId === null) {
    return {
      runId,
      modelId: null,
      method: 'combined',
      total: 0,
      flagged: 0,
      decided: 0,
      estimatedNoise: null,
      stale: false,
    };
  }
  const run = readSummarizedRun(connection, runId);
  const { seenEventId: _seenEventId, ...summary } = run;
  return { ...summary, decided: countDecided(connection, run), stale: isStale(connection, run) };
}

type SummarizedRun = Omit<IssueSummary, 'runId' | 'modelId' | 'decided' | 'stale'> &
  Pick<IssueRun, 'runId' | 'modelId' | 'seenEventId'>;

function readSummarizedRun(connection: Connection, runId: RunId): SummarizedRun {
  return connection
    .prepare(
      `SELECT runId, modelId, method, estimatedNoise, seenEventId, issueCount AS total, flaggedCount AS flagged
       FROM issueRuns WHERE runId = ?`,
    )
    .get(runId) as SummarizedRun;
}

/** From the side of the decisions: there are fewer of them than issues. */
function countDecided(connection: Connection, { runId, seenEventId }: SummarizedRun): number {
  return connection
    .prepare(
      `SELECT count(*) FROM samples s INDEXED BY samplesByDecision CROSS JOIN issues i ON i.runId = ? AND i.sampleId = s.id
       WHERE s.decision IS NOT NULL AND s.decisionEventId > ?`,
    )
    .pluck()
    .get(runId, seenEventId) as number;
}

/**
 * Whether a label is another now than the run's model was trained with: among the issues, or where somebody decided. Labels move by decisions, by taking
 * decisions back and by imports; after an import all issues are looked at, else those that an event since the run is about.
 */
function isStale(connection: Connection, run: SummarizedRun): boolean {
  const holds = (sql: string): boolean =>
    connection
      .prepare(`SELECT EXISTS (${sql})`)
      .pluck()
      .get({ runId: run.runId, modelId: run.modelId, seenEventId: run.seenEventId }) === 1;
  const moved = 'CROSS JOIN samples s ON s.id = i.sampleId WHERE s.label IS NOT i.givenLabel';
  const touched = `events since CROSS JOIN eventSamples e ON e.eventId = coalesce(since.targetEventId, since.id)
    CROSS JOIN issues i ON i.runId = @runId AND i.sampleId = e.sampleId ${moved} AND since.id > @seenEventId`;
  const isImportedSince = holds("SELECT 1 FROM events WHERE kind = 'import' AND id > @seenEventId");
  return (
    holds(
      isImportedSince ? `SELECT 1 FROM issues i ${moved} AND i.runId = @runId` : `SELECT 1 FROM ${touched}`,
    ) ||
    holds(`SELECT 1 FROM samples s INDEXED BY samplesByDecision
           CROSS JOIN predictions p ON p.sampleId = s.id AND p.modelId = @modelId
           WHERE s.decision IS NOT NULL AND p.labelSeen IS NOT s.label`)
  );
}

/** A page of the newest run's issues by rank. */
export function pageIssues(
  connection: Connection,
  page: { readonly from: number; readonly count: number; readonly state: 'open' | 'all' },
): { total: number; issues: Issue[] } {
  const runId = newestIssueRun(connection);
  if (runId === null) return { total: 0, issues: [] };
  const run = readSummarizedRun(connection, runId);
  const isAll = page.state === 'all';
  // Ranks count from 1 without a gap: the place among all is a key. How many decided ones lie before a place is not known, so those are passed over.
  const from = isAll
    ? 'WHERE i.runId = @runId AND i.rank > @from ORDER BY i.rank LIMIT @count'
    : `WHERE i.runId = @runId AND ${STATE} = 'open' ORDER BY i.rank LIMIT @count OFFSET @from`;
  const rows = connection
    .prepare(`SELECT i.*, ${STATE} AS state ${FROM_ISSUES} ${from}`)
    .all({ runId, from: page.from, count: page.count }) as IssueRow[];
  return { total: run.total - (isAll ? 0 : countDecided(connection, run)), issues: rows.map(toIssue) };
}

/** What the newest run says about one image; null where it is not among the issues. */
export function findIssue(connection: Connection, sampleId: SampleId): Issue | null {
  const row = connection
    .prepare(`SELECT i.*, ${STATE} AS state ${FROM_ISSUES} WHERE i.runId = ? AND i.sampleId = ?`)
    .get(newestIssueRun(connection), sampleId) as IssueRow | undefined;
  return row === undefined ? null : toIssue(row);
}

/** The training images that pull an issue's image towards its given and towards its suggested label. */
export function readEvidence(connection: Connection, sampleId: SampleId): IssueEvidence {
  const runId = newestIssueRun(connection);
  const issue = findIssue(connection, sampleId);
  if (runId === null || issue === null) throw new AppError('issue-not-found', { sampleId });
  const select = connection.prepare(
    `SELECT sampleId, score FROM issueEvidence WHERE runId = ? AND targetId = ? AND towards = ? ORDER BY position`,
  );
  const pull = (label: ClassId, towards: FoundEvidence['towards']): IssueEvidence['towardsGiven'] => ({
    label,
    entries: select.all(runId, sampleId, towards) as Influence[],
  });
  const method = connection
    .prepare('SELECT evidenceMethod FROM issueRuns WHERE runId = ?')
    .pluck()
    .get(runId);
  return {
    sampleId,
    method: method as AttributionMethod | null,
    towardsGiven: pull(issue.givenLabel, 'given'),
    towardsSuggested: pull(issue.suggestedLabel, 'suggested'),
  };
}

interface IssueRow {
  readonly sampleId: SampleId;
  readonly rank: number;
  readonly score: number;
  readonly givenLabel: ClassId;
  readonly suggestedLabel: ClassId;
  readonly signals: string;
  readonly flagged: number;
  readonly state: z.infer<typeof IssueState>;
}

function toIssue(row: IssueRow): Issue {
  return {
    kind: 'label',
    sampleId: row.sampleId,
    rank: row.rank,
    score: row.score,
    givenLabel: row.givenLabel,
    suggestedLabel: row.suggestedLabel,
    state: row.state,
    signals: JSON.parse(row.signals) as Record<string, number>,
    flagged: row.flagged === 1,
  };
}
