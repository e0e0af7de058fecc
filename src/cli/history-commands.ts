/** @file `whence history …`: what was decided, going back to a step, named snapshots and what differs between them, the log as a file. */
import type { Command } from 'commander';
import { SnapshotId, type Difference } from '../contract/history-service.ts';
import { countSamples } from '../contract/sample-set.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

export function addHistoryCommands(program: Command, streams: Streams): void {
  const history = program
    .command('history')
    .description('What was decided, and going back to it: every decision is an event that is never removed.');
  projectCommand(history, 'list', 'List the newest events.')
    .option('--count <number>', 'how many', parseId, 50)
    .action((options: RunOptions & { count: number }) => listEvents(streams, options));
  projectCommand(history, 'undo-to', 'Take back everything after this event; each step can be restored.')
    .argument('<event>', 'number of the event; 0: take back everything', Number)
    .action((eventId: number, options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        const { text, images } = await client.labels.undoTo({ eventId });
        const count = countSamples(images);
        output.answer({ text, images: count }, `${text}, of ${formatFigure(count)} images.`);
      }),
    );
  projectCommand(history, 'snapshot', 'Name what stands now.')
    .argument('<name>', 'name of the snapshot')
    .action((name: string, options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        const snapshot = await client.history.take({ name });
        output.answer({ snapshot }, `Snapshot ${snapshot.id}: ${snapshot.name}.`);
      }),
    );
  projectCommand(history, 'snapshots', 'List the snapshots.').action((options: RunOptions) =>
    listSnapshots(streams, options),
  );
  projectCommand(history, 'diff', 'Say what differs between a snapshot and another one, or now.')
    .argument('<from>', 'number of a snapshot', parseId)
    .argument('[to]', 'number of a snapshot; now where not given', parseId)
    .action((from: number, to: number | undefined, options: RunOptions) =>
      withProject(streams, options, null, async (session, output) => {
        const difference = await session.client.history.difference({
          from: SnapshotId.parse(from),
          to: to === undefined ? null : SnapshotId.parse(to),
        });
        output.answer({ difference }, await differenceText(session, difference));
      }),
    );
  projectCommand(history, 'export', 'Write the whole log, one JSON object a line, chained by hashes.')
    .requiredOption('--out <file.jsonl>', 'the file')
    .action((options: RunOptions & { out: string }) =>
      withProject(streams, options, null, async ({ client }, output) => {
        const written = await client.history.writeLog({ path: options.out });
        output.answer(
          written,
          `${formatFigure(written.rows)} events written to ${written.path} (SHA-256 ${written.sha256.slice(0, 16)}…).`,
        );
      }),
    );
}

function listEvents(streams: Streams, options: RunOptions & { count: number }): Promise<void> {
  return withProject(streams, options, null, async ({ client }, output) => {
    const { total, entries } = await client.labels.history({ count: Math.min(500, options.count) });
    const rows = entries.map(({ id, at, reviewer, text, undone }) => [
      ...[String(id), at, reviewer],
      undone ? `${text} (undone)` : text,
    ]);
    const text =
      rows.length === 0 ? 'Nothing was decided yet.' : formatTable([['event', 'at', 'by', 'what'], ...rows]);
    output.answer({ total, events: entries }, text);
  });
}

function listSnapshots(streams: Streams, options: RunOptions): Promise<void> {
  return withProject(streams, options, null, async ({ client }, output) => {
    const snapshots = await client.history.snapshots();
    const rows = snapshots.map(({ id, name, reviewer, createdAt }) => [
      ...[String(id), name, reviewer, createdAt],
    ]);
    const text =
      rows.length === 0
        ? 'There are no snapshots yet: whence history snapshot NAME.'
        : formatTable([['snapshot', 'name', 'by', 'at'], ...rows]);
    output.answer({ snapshots }, text);
  });
}

async function differenceText(
  { client }: Session,
  { changed, labels, tags, excluded, included }: Difference,
): Promise<string> {
  if (changed === 0) return 'No image differs.';
  const classes = (await client.projects.current())?.classes ?? [];
  const nameOf = (id: number | null): string => classes.find((one) => one.id === id)?.name ?? 'no label';
  const allTags = tags.length === 0 ? [] : await client.tags.list();
  const rows = [
    ...labels.map(({ from, to, sampleIds }) => [
      `${nameOf(from)} → ${nameOf(to)}`,
      formatFigure(sampleIds.length),
    ]),
    ...tags.flatMap(({ tagId, given, taken }) => {
      const name = allTags.find(({ id }) => id === tagId)?.name ?? String(tagId);
      return [
        [`tag ${name} given`, formatFigure(given)],
        [`tag ${name} taken away`, formatFigure(taken)],
      ];
    }),
  ];
  if (excluded > 0) rows.push(['left out of trainings', formatFigure(excluded)]);
  if (included > 0) rows.push(['taken in again', formatFigure(included)]);
  return [
    `${formatFigure(changed)} images differ.`,
    ...(rows.length === 0 ? [] : [formatTable([['what', 'images'], ...rows])]),
  ].join('\n');
}
