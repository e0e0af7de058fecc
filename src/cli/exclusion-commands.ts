/** @file `whence exclude`, `whence include`: images that trainings leave out, and no longer. */
import type { Command } from 'commander';
import { setOfSamples } from '../contract/sample-set.ts';
import { addImageOptions, chosenImages, type ImageChoice } from './image-choice.ts';
import { formatFigure, type Streams } from './output.ts';
import { projectCommand } from './project-command.ts';
import { withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';

type ExclusionOptions = RunOptions & ImageChoice;

export function addExclusionCommands(program: Command, streams: Streams): void {
  const exclude = projectCommand(
    program,
    'exclude',
    'Leave images out of trainings from now on; no file is touched, and history undo takes it back.',
  );
  addImageOptions(exclude).action((options: ExclusionOptions) => setExcluded(streams, options, true));
  const include = projectCommand(program, 'include', 'Let excluded images into trainings again.');
  addImageOptions(include).action((options: ExclusionOptions) => setExcluded(streams, options, false));
}

function setExcluded(streams: Streams, options: ExclusionOptions, excluded: boolean): Promise<void> {
  return withProject(streams, options, null, async (session, output) => {
    const sampleIds = await chosenImages(session, options);
    if (sampleIds.length === 0) {
      output.answer({ matched: 0, changed: 0 }, 'No image matches; nothing was changed.');
      return;
    }
    const images = setOfSamples(sampleIds);
    const { changed } = await session.client.labels.setExcluded({ images, excluded });
    const total = await session.client.imageIssues.excludedCount();
    const verb = excluded ? 'are now excluded' : 'are included again';
    output.answer(
      { matched: sampleIds.length, changed, excluded: total },
      `${formatFigure(changed)} of ${formatFigure(sampleIds.length)} matching images ${verb}; ${formatFigure(total)} are excluded in all.`,
    );
  });
}
