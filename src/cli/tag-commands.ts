/** @file `whence tags …`: words that people give to images. */
import type { Command } from 'commander';
import { setOfSamples, type SampleSet } from '../contract/sample-set.ts';
import { TagId } from '../contract/vocabulary.ts';
import { addImageOptions, chosenImages, filterOf, type ImageChoice } from './image-choice.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { projectCommand } from './project-command.ts';
import { withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

type TagOptions = RunOptions & ImageChoice;
type TagChange = Awaited<ReturnType<Session['client']['tags']['add']>>;

export function addTagCommands(program: Command, streams: Streams): void {
  const tags = program
    .command('tags')
    .description('Words that people give to images, to filter by and to make groups of.');
  projectCommand(tags, 'list', 'List the tags and how many images have each.').action((options: RunOptions) =>
    withProject(streams, options, null, async ({ client }, output) => {
      const found = await client.tags.list();
      const rows = found.map(({ name, sampleCount }) => [name, formatFigure(sampleCount)]);
      const text = 'There are no tags yet: whence tags give NAME --text WORDS.';
      output.answer({ tags: found }, rows.length === 0 ? text : formatTable([['tag', 'images'], ...rows]));
    }),
  );
  projectCommand(tags, 'rename', 'Give a tag another name; its images keep it.')
    .argument('<name>', 'name of the tag')
    .argument('<new-name>', 'its name from now on')
    .action((name: string, newName: string, options: RunOptions) =>
      withProject(streams, options, null, async (session, output) => {
        await session.client.tags.rename({ tagId: await tagNamed(session, name), name: newName });
        output.answer({ renamed: name, to: newName }, `The tag ${name} is called ${newName} now.`);
      }),
    );
  projectCommand(tags, 'remove', 'Remove a tag from all its images and from the project.')
    .argument('<name>', 'name of the tag')
    .action((name: string, options: RunOptions) =>
      withProject(streams, options, null, async (session, output) => {
        const { changed } = await session.client.tags.remove({ tagId: await tagNamed(session, name) });
        output.answer(
          { removed: name, changed },
          `The tag ${name} is gone from ${formatFigure(changed)} ${changed === 1 ? 'image' : 'images'}.`,
        );
      }),
    );
  const give = projectCommand(tags, 'give', 'Give a tag to images; it is made where it is new.');
  addImageOptions(give.argument('<name>', 'name of the tag')).action((name: string, options: TagOptions) =>
    changeTag(streams, options, 'now have', ({ client }, images) => client.tags.add({ images, name })),
  );
  const take = projectCommand(tags, 'take', 'Take a tag away from images.');
  addImageOptions(take.argument('<name>', 'name of the tag')).action((name: string, options: TagOptions) =>
    changeTag(streams, options, 'no longer have', async (session, images) =>
      session.client.tags.take({ images, tagId: await tagNamed(session, name) }),
    ),
  );
}

async function tagNamed(session: Session, name: string): Promise<TagId> {
  const { tags: ids = [] } = await filterOf(session, { tag: [name] });
  return TagId.parse(ids[0]);
}

function changeTag(
  streams: Streams,
  options: TagOptions,
  verb: string,
  change: (session: Session, images: SampleSet) => Promise<TagChange>,
): Promise<void> {
  return withProject(streams, options, null, async (session, output) => {
    const sampleIds = await chosenImages(session, options);
    if (sampleIds.length === 0) {
      output.answer({ matched: 0, changed: 0 }, 'No image matches; nothing was changed.');
      return;
    }
    const { tag, changed } = await change(session, setOfSamples(sampleIds));
    const text = `${formatFigure(changed)} of ${formatFigure(sampleIds.length)} matching images ${verb} the tag ${tag.name}; ${formatFigure(tag.sampleCount)} have it.`;
    output.answer({ matched: sampleIds.length, changed, tag }, text);
  });
}
