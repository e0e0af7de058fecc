/** @file Commands that read a project or write files from it. */
import path from 'node:path';
import { setOfSamples } from '../contract/sample-set.ts';
import type { ExportScope } from '../contract/findings-service.ts';
import { SampleId } from '../contract/vocabulary.ts';
import { formatOf, type FormatOptions } from './export-format.ts';
import { choosesImages, filterOf, type ImageChoice } from './image-choice.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import type { RunOptions } from './run-options.ts';
import { withProject } from './run-commands.ts';
import type { Session } from './session.ts';

export async function showInfo(streams: Streams, options: RunOptions): Promise<void> {
  await withProject(streams, options, null, async ({ client }, output) => {
    const [project, models, runs, issues] = [
      await client.projects.current(),
      await client.models.list(),
      await client.runs.list(),
      await client.issues.summary(),
    ];
    if (project === null) return;
    const facts = [
      ['fact', 'value'],
      ['images', formatFigure(project.sampleCount)],
      [
        'train / val / test',
        [project.splitCounts.train, project.splitCounts.val, project.splitCounts.test]
          .map(formatFigure)
          .join(' / '),
      ],
      [
        'classes',
        project.classes.map((entry) => `${entry.name} (${formatFigure(entry.sampleCount)})`).join(', '),
      ],
      ['files with problems', formatFigure(project.problemCount)],
      ['missing files', formatFigure(project.missingCount)],
      ['models', models.map((model) => `${model.id}: ${model.name}`).join(', ') || 'none'],
      ['label issues', `${formatFigure(issues.total)} (${formatFigure(issues.decided)} decided)`],
      ['labels changed', formatFigure(project.changedLabelCount)],
      ['runs', runs.map((run) => `${run.id} ${run.kind} ${run.status}`).join(', ') || 'none'],
    ];
    output.answer(
      { project, models, runs, issues },
      `${project.name} — ${project.path}\n${formatTable(facts)}`,
    );
  });
}

export type ExportOptions = RunOptions & ImageChoice & FormatOptions & { readonly onlyChanged: boolean };

async function scopeOf(session: Session, { samples, ...choice }: ImageChoice): Promise<ExportScope> {
  if (samples !== undefined)
    return { kind: 'selection', images: setOfSamples(samples.map((id) => SampleId.parse(id))) };
  return choosesImages(choice)
    ? { kind: 'filter', filter: await filterOf(session, choice) }
    : { kind: 'all' };
}

export async function exportLabels(streams: Streams, options: ExportOptions): Promise<void> {
  await withProject(streams, options, null, async (session, output) => {
    const written = await session.client.exports.labels({
      path: path.resolve(options.out),
      format: formatOf(options, 'csv'),
      placement: options.placement,
      onlyChanged: options.onlyChanged,
      scope: await scopeOf(session, options),
    });
    output.answer(
      written,
      `${formatFigure(written.rows)} rows written to ${written.path}\nsha256 ${written.sha256}`,
    );
  });
}
