/** @file What the command palette offers for looking through images: queries, views, issues, maps, the confusion matrix, snapshots. */
import { tick } from 'svelte';
import { issueKindWords } from '../../../contract/issue-kinds.ts';
import { formatCount, formatQuantity } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';
import type { OverlayName } from '../../state/overlays.svelte.ts';
import type { ScreenName } from '../../state/route.svelte.ts';
import { askForRelabel, excludeSelection, isSelectionExcluded } from '../browse/bulk-decisions.ts';
import { askForTag } from '../browse/tagging.ts';
import type { AppCommand } from './app-command.ts';

export function reviewCommands(app: App): AppCommand[] {
  if (app.project.summary === null) return [];
  return [
    ...selectionCommands(app),
    ...browseCommands(app),
    ...issueCommands(app),
    ...mapCommands(app),
    ...modelCommands(app),
    {
      id: 'snapshot',
      text: 'Take a snapshot of the history',
      group: 'Review',
      run: () => void writeIn(app, 'history', 'Name what stands now'),
    },
  ];
}

function selectionCommands(app: App): AppCommand[] {
  if (app.selection.size === 0) return [];
  const group = `Selection: ${formatQuantity(app.selection.size, 'image')}`;
  const exclude = isSelectionExcluded(app) ? 'Include in trainings again' : 'Exclude from trainings';
  return [
    { id: 'relabel', text: 'Relabel the selection', group, keys: 'L', run: () => askForRelabel(app) },
    { id: 'tag', text: 'Tag the selection', group, keys: 'T', run: () => askForTag(app) },
    { id: 'exclude', text: exclude, group, keys: 'X', run: () => void excludeSelection(app) },
  ];
}

function browseCommands(app: App): AppCommand[] {
  const group = 'Review';
  return [
    { id: 'query', text: 'Write a query', group, run: () => void writeIn(app, 'browse', 'Query') },
    { id: 'tags', text: 'Rename or remove tags', group, run: () => app.overlays.show('tags') },
    ...app.views.list.map((view): AppCommand => ({
      id: `view-${view.id}`,
      text: `Open the view ${view.name}`,
      group: 'Saved views',
      run: () => {
        app.views.open(view);
        app.route.go('browse');
      },
    })),
  ];
}

function issueCommands(app: App): AppCommand[] {
  const { imageIssues, issues } = app;
  const dialog = (id: OverlayName, text: string): AppCommand => ({
    ...{ id, text, group: 'Review' },
    run: () => {
      app.route.go('issues');
      app.overlays.show(id);
    },
  });
  return [
    dialog('find-issues', 'Look for image issues'),
    ...(issues.summary === null
      ? []
      : [dialog('rank-labels', 'Rank labels by another signal'), dialog('noise', 'Wrong labels by class')]),
    ...imageIssues.summaries
      .filter(({ open }) => open > 0)
      .map(({ kind, open }): AppCommand => ({
        id: `issues-${kind}`,
        text: `Go through: ${issueKindWords[kind].title}`,
        ...{ group: 'Image issues', note: `${formatCount(open)} open` },
        run: () => {
          app.route.go('issues');
          void imageIssues.show(kind);
        },
      })),
  ];
}

function mapCommands(app: App): AppCommand[] {
  if (app.maps.list.length === 0) return [];
  return [
    {
      ...{ id: 'maps', text: 'Rename or remove maps', group: 'Review' },
      run: () => {
        app.route.go('map');
        app.overlays.show('maps');
      },
    },
    ...app.maps.list.map(({ id, name }): AppCommand => ({
      ...{ id: `map-${id}`, text: `Show the map ${name}`, group: 'Maps' },
      run: () => {
        app.maps.choose(id);
        app.route.go('map');
      },
    })),
  ];
}

function modelCommands(app: App): AppCommand[] {
  const model = app.models.list.find(({ task }) => task === 'classify');
  if (model === undefined) return [];
  return [
    {
      ...{ id: 'confusion', text: 'Confusion matrix', group: 'Review', note: model.name },
      run: () => {
        app.route.go('models');
        void app.confusion.open(model.id);
      },
    },
  ];
}

/** Goes to a screen and puts the cursor into the field that is called so. */
async function writeIn(app: App, screen: ScreenName, field: string): Promise<void> {
  if (app.route.screen !== screen) {
    // The route follows the address, which tells of its change a moment later.
    const arrived = new Promise((resolve) => window.addEventListener('hashchange', resolve, { once: true }));
    app.route.go(screen);
    await arrived;
  }
  await tick();
  const inputs = [...document.querySelectorAll<HTMLInputElement>('main input')];
  inputs
    .find((input) => input.ariaLabel === field || input.labels?.[0]?.textContent.trim() === field)
    ?.focus();
}
