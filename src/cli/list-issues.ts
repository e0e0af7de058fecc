/** @file The head of a queue of issues, with class names and paths. */
import { formatMeasure, issueKindWords, type ImageIssueKind } from '../contract/issue-kinds.ts';
import type { ImageIssue } from '../contract/image-issues-service.ts';
import type { SampleId, SampleTile } from '../contract/vocabulary.ts';
import { formatFigure, formatTable } from './output.ts';
import type { Addition } from './run-commands.ts';
import type { Session } from './session.ts';

/** Of the doubtful labels. */
export async function listIssues(session: Session, count: number): Promise<Addition> {
  const { client } = session;
  const [project, { total, issues }] = [
    await client.projects.current(),
    await client.issues.page({ count: atMost(count) }),
  ];
  const tiles = await readTiles(
    session,
    issues.map((issue) => issue.sampleId),
  );
  const nameOf = new Map(project?.classes.map((entry) => [entry.id, entry.name]) ?? []);
  const listed = issues.map((issue) => ({
    ...issue,
    path: tiles.get(issue.sampleId)?.path ?? '',
    given: nameOf.get(issue.givenLabel) ?? '',
    suggested: nameOf.get(issue.suggestedLabel) ?? '',
  }));
  const rows = listed.map((issue) => [
    String(issue.rank),
    issue.path,
    issue.given,
    issue.suggested,
    issue.score.toFixed(3),
    issue.flagged ? 'yes' : '',
  ]);
  return {
    document: { total, issues: listed },
    text: formatTable([['rank', 'image', 'given', 'suggested', 'score', 'flagged'], ...rows]),
  };
}

/** Of one kind of issues of pictures. */
export async function listImageIssues(
  session: Session,
  kind: ImageIssueKind,
  count: number,
): Promise<Addition> {
  const { total, issues } = await session.client.imageIssues.page({ kind, count: atMost(count) });
  const tiles = await readTiles(
    session,
    issues.flatMap(({ members }) => members.map(({ sampleId }) => sampleId)),
  );
  const pathOf = (id: SampleId): string => tiles.get(id)?.path ?? '';
  const listed = issues.map((issue) => ({
    ...issue,
    members: issue.members.map((member) => ({ ...member, path: pathOf(member.sampleId) })),
  }));
  const rows = listed.flatMap((issue) => [
    [
      String(issue.rank),
      issue.value === null ? '' : formatMeasure(kind, issue.value),
      issue.state,
      remarkOf(issue),
    ],
    ...issue.members.map(({ path, relation, excluded }) => [
      '',
      relation === 'first' ? '' : relation,
      excluded ? 'excluded' : '',
      path,
    ]),
  ]);
  const measure = issueKindWords[kind].measure?.title ?? '';
  return {
    document: { kind, total, issues: listed },
    text: formatTable([['rank', measure, 'state', issueKindWords[kind].title.toLowerCase()], ...rows]),
  };
}

/** How many there are of each kind, and how many are open. */
export async function countImageIssues({ client }: Session): Promise<Addition> {
  const kinds = (await client.imageIssues.summary()).map(({ histogram: _, ...kind }) => kind);
  const excluded = await client.imageIssues.excludedCount();
  const rows = kinds.map(({ kind, total, open }) => [
    kind,
    issueKindWords[kind].title,
    formatFigure(total),
    formatFigure(open),
  ]);
  const table = formatTable([['kind', 'what', 'found', 'open'], ...rows]);
  return {
    document: { kinds, excluded },
    text:
      kinds.length === 0
        ? 'Nothing was looked for yet: whence issues find.'
        : `${table}\n${formatFigure(excluded)} images are excluded.`,
  };
}

function remarkOf({ detail, conflicting, members }: ImageIssue): string {
  const count = members.length > 1 ? `${members.length} images` : '';
  return [count, detail, conflicting ? 'labels differ' : ''].filter((part) => part !== '').join(', ');
}

/** The engine answers at most 500 tiles at a time. */
async function readTiles({ client }: Session, ids: readonly SampleId[]): Promise<Map<SampleId, SampleTile>> {
  const tiles = new Map<SampleId, SampleTile>();
  for (let from = 0; from < ids.length; from += 500)
    for (const tile of await client.samples.tiles({ ids: ids.slice(from, from + 500) }))
      tiles.set(tile.id, tile);
  return tiles;
}

function atMost(count: number): number {
  return Math.max(1, Math.min(500, count));
}
