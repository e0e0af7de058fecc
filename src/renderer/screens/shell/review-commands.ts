/** @file What the command palette offers for looking through images: queries, views, issues, maps, the confusion matrix, snapshots. */
import { tick } from 'svelte';
import { issueKindWords } from '../../../contract/issue-kinds.ts';
import { formatCount, formatQuantity } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';
import type { ScreenName } from '../../state/route.svelte.ts';
import {
  askForRelabel,
  excludeSelection,
  isSelectionExcluded,
  keepLabels,
} from '../browse/bulk-decisions.ts';
import { showCulprits } from '../image-menu/flag-culprit.ts';
import { askForTag } from '../browse/tagging.ts';
import { commandOf, type AppCommand } from './app-command.ts';

const review = { group: 'Review' };

export function reviewCommands(app: App): AppCommand[] {
  if (app.project.summary === null) return [];
  return [
    ...selectionCommands(app),
    ...browseCommands(app),
    ...issueCommands(app),
    ...mapCommands(app),
    ...modelCommands(app),
    commandOf(app, 'snapshot', review, () => void writeIn(app, 'history', 'Name what stands now')),
  ];
}

function selectionCommands(app: App): AppCommand[] {
  if (app.selection.size === 0) return [];
  const group = `Selection: ${formatQuantity(app.selection.size, 'image')}`;
  const text = isSelectionExcluded(app) ? 'Include in trainings again' : 'Exclude from trainings';
  return [
    commandOf(app, 'images.relabel', { group }, () => askForRelabel(app)),
    commandOf(app, 'images.keep', { group }, () => void keepLabels(app)),
    commandOf(app, 'images.tag', { group }, () => askForTag(app)),
    commandOf(app, 'images.exclude', { group, text }, () => void excludeSelection(app)),
  ];
}

function browseCommands(app: App): AppCommand[] {
  return [
    commandOf(app, 'query', review, () => void writeIn(app, 'browse', 'Query')),
    commandOf(app, 'tags', review, () => app.overlays.show('tags')),
    ...culpritCommand(app),
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
  const dialog = (id: 'find-issues' | 'rank-labels' | 'noise'): AppCommand =>
    commandOf(app, id, review, () => {
      app.route.go('issues');
      app.overlays.show(id);
    });
  return [
    dialog('find-issues'),
    ...(issues.summary === null ? [] : [dialog('rank-labels'), dialog('noise')]),
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

function culpritCommand(app: App): AppCommand[] {
  const { tag } = app.culprits;
  if (tag === null || tag.sampleCount === 0) return [];
  const note = formatQuantity(tag.sampleCount, 'image');
  return [commandOf(app, 'culprits', { ...review, note }, () => showCulprits(app))];
}

function mapCommands(app: App): AppCommand[] {
  if (app.maps.list.length === 0) return [];
  return [
    commandOf(app, 'maps', review, () => {
      app.route.go('map');
      app.overlays.show('maps');
    }),
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
    commandOf(app, 'confusion', { ...review, note: model.name }, () => {
      app.route.go('models');
      void app.confusion.open(model.id);
    }),
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
