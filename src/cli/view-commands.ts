/** @file `whence views …`: choices of images and orders that are kept by name, as Browse lists them. */
import { Option, type Command } from 'commander';
import { addImageOptions, filterOf, viewNamed, type ImageChoice } from './image-choice.ts';
import { formatTable, type Streams } from './output.ts';
import { projectCommand } from './project-command.ts';
import { withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';

export function addViewCommands(program: Command, streams: Streams): void {
  const views = program
    .command('views')
    .description('Choices of images and orders that are kept by name, as Browse lists them.');
  projectCommand(views, 'list', 'List the saved views.').action((options: RunOptions) =>
    withProject(streams, options, null, async ({ client }, output) => {
      const found = await client.views.list();
      const rows = found.map(({ name, filter, order }) => [
        name,
        filter.query,
        `${order.by}${order.descending ? ' descending' : ''}`,
      ]);
      const none = 'There are no saved views yet: whence views save NAME --query CONDITIONS.';
      output.answer(
        { views: found },
        rows.length === 0 ? none : formatTable([['view', 'query', 'order'], ...rows]),
      );
    }),
  );
  const save = projectCommand(views, 'save', 'Keep a choice of images and an order by name.')
    .argument('<name>', 'name of the view')
    .option('--order <field>', 'field or column to order by', 'import')
    .addOption(new Option('--descending', 'the greatest first').default(false));
  addImageOptions(save).action(
    (name: string, options: RunOptions & ImageChoice & { order: string; descending: boolean }) =>
      withProject(streams, options, null, async (session, output) => {
        const { order: by, descending, ...choice } = options;
        const filter = await filterOf(session, choice);
        // A query or an order that the project cannot answer is refused before it is kept.
        const order = { by, descending };
        const { ids } = await session.client.samples.query({ filter, order });
        const view = await session.client.views.save({ name, filter, order });
        output.answer({ view, matched: ids.length }, `View ${view.name}: ${ids.length} images match now.`);
      }),
  );
  projectCommand(views, 'remove', 'Remove a saved view; no image is touched.')
    .argument('<name>', 'name of the view')
    .action((name: string, options: RunOptions) =>
      withProject(streams, options, null, async (session, output) => {
        const { id } = await viewNamed(session, name);
        await session.client.views.remove({ id });
        output.answer({ removed: name }, `The view ${name} is gone.`);
      }),
    );
}
