/** @file Everything the command palette can do, given where the app stands. */
import type { App } from '../../state/app.svelte.ts';
import { themes, themeWords } from '../../state/theme.svelte.ts';
import { translateSaid } from '../../texts/translate.svelte.ts';
import { defineGroups } from '../groups/group-actions.ts';
import { addImages, makeImages, traceToGroups, traceToImages } from '../generated/query-actions.ts';
import { openEvaluation } from '../methods/open-evaluation.ts';
import type { AppCommand } from './app-command.ts';
import { reviewCommands } from './review-commands.ts';
import { screenTitles } from './screen-words.ts';
import { railOrder, screenKeys } from './shortcuts.ts';

export function listCommands(app: App): AppCommand[] {
  return [
    ...projectCommands(app),
    ...reviewCommands(app),
    ...methodCommands(app),
    ...generationCommands(app),
    ...screenCommands(app),
    ...recentCommands(app),
    ...themeCommands(app),
  ];
}

function projectCommands(app: App): AppCommand[] {
  if (app.project.summary === null) return [];
  const { labels } = app;
  const commands: AppCommand[] = [
    {
      id: 'find',
      text: 'Find label problems',
      group: 'Project',
      run: () => {
        app.route.go('issues');
        void app.analysis.start();
      },
    },
    {
      id: 'export',
      text: 'Export labels',
      group: 'Project',
      keys: 'Ctrl+E',
      run: () => app.overlays.show('export'),
    },
    {
      id: 'add-model',
      text: 'Add model',
      group: 'Project',
      run: () => {
        app.route.go('models');
        app.addingModel.reset();
        app.overlays.show('add-model');
      },
    },
    {
      id: 'import-denoiser',
      text: 'Add generative model',
      group: 'Project',
      run: () => {
        app.route.go('models');
        app.importingDenoiser.reset();
        app.overlays.show('import-denoiser');
      },
    },
    { id: 'close', text: 'Close project', group: 'Project', run: () => void closeProject(app) },
  ];
  if (labels.undoText !== null) {
    const note = translateSaid(labels.undoText);
    commands.push({
      id: 'undo',
      text: 'Undo',
      group: 'Project',
      note,
      keys: 'Ctrl+Z',
      run: () => void labels.undo(),
    });
  }
  if (labels.redoText !== null) {
    const note = translateSaid(labels.redoText);
    const keys = 'Ctrl+Shift+Z';
    commands.push({ id: 'redo', text: 'Redo', group: 'Project', note, keys, run: () => void labels.redo() });
  }
  return commands;
}

function methodCommands(app: App): AppCommand[] {
  if (app.project.summary === null) return [];
  return [
    {
      id: 'make-map',
      text: 'Make a map',
      group: 'Project',
      run: () => {
        app.route.go('map');
        app.overlays.show('make-map');
      },
    },
    {
      id: 'attribute',
      text: 'Estimate influence',
      group: 'Project',
      run: () => {
        app.route.go('influence');
        app.attribution.prepare(null);
        app.overlays.show('attribute');
      },
    },
    {
      id: 'evaluate',
      text: 'Evaluate a method',
      group: 'Project',
      run: () => {
        app.route.go('methods');
        openEvaluation(app);
      },
    },
  ];
}

/** What there is to do with images that models make; questions about them only once there are some. */
function generationCommands(app: App): AppCommand[] {
  if (app.project.summary === null) return [];
  const hasMaker = app.models.learned('generate').length > 0;
  const commands: AppCommand[] = [
    {
      id: 'train-generative',
      text: 'Train a generative model',
      group: 'Project',
      run: () => {
        app.models.formTask = 'generate';
        app.route.go('models');
      },
    },
    { id: 'add-images', text: 'Add image files to ask about', group: 'Project', run: () => addImages(app) },
    {
      id: 'define-groups',
      text: 'Define groups',
      group: 'Project',
      run: () => {
        app.route.go('groups');
        defineGroups(app, 'class');
      },
    },
  ];
  if (hasMaker)
    commands.push({
      id: 'make-images',
      text: 'Make images',
      group: 'Project',
      run: () => {
        app.route.go('generated');
        makeImages(app, null);
      },
    });
  if (hasMaker && app.queries.list.length > 0)
    commands.push(
      {
        id: 'trace-images',
        text: 'Which training images?',
        group: 'Project',
        run: () => {
          app.route.go('generated');
          traceToImages(app);
        },
      },
      {
        id: 'trace-groups',
        text: 'Which groups?',
        group: 'Project',
        run: () => {
          app.route.go('groups');
          traceToGroups(app);
        },
      },
    );
  return commands;
}

async function closeProject(app: App): Promise<void> {
  await app.project.close();
  app.route.go('home');
}

function screenCommands(app: App): AppCommand[] {
  return railOrder.map((screen) => {
    const keys = screenKeys(screen);
    return {
      id: `go-${screen}`,
      text: `Go to ${screenTitles[screen]}`,
      group: 'Screens',
      ...(keys === null ? {} : { keys }),
      run: () => app.route.go(screen),
    };
  });
}

function recentCommands(app: App): AppCommand[] {
  return app.project.recent
    .filter((recent) => recent.exists && recent.path !== app.project.summary?.path)
    .map((recent) => ({
      id: `open-${recent.path}`,
      text: `Open ${recent.name}`,
      group: 'Recent projects',
      note: recent.path,
      run: () => void openProject(app, recent.path),
    }));
}

async function openProject(app: App, path: string): Promise<void> {
  if (await app.project.open(path)) app.route.go('browse');
}

function themeCommands(app: App): AppCommand[] {
  return themes.map((theme) => ({
    id: `theme-${theme}`,
    text: `Theme: ${themeWords[theme]}`,
    group: 'Window',
    run: () => app.theme.set(theme),
  }));
}
