/** @file Everything the command palette can do, given where the app stands. */
import type { App } from '../../state/app.svelte.ts';
import { screenNames } from '../../state/route.svelte.ts';
import { themes } from '../../../contract/settings-service.ts';
import { translateSaid } from '../../texts/translate.svelte.ts';
import { defineGroups } from '../groups/group-actions.ts';
import { openProject } from '../home/open-project.ts';
import { addImages, makeImages, traceToGroups, traceToImages } from '../generated/query-actions.ts';
import { openEvaluation } from '../methods/open-evaluation.ts';
import { commandOf, type AppCommand } from './app-command.ts';
import { caseCommands } from './case-commands.ts';
import { reviewCommands } from './review-commands.ts';

export function listCommands(app: App): AppCommand[] {
  return [
    ...projectCommands(app),
    ...reviewCommands(app),
    ...methodCommands(app),
    ...generationCommands(app),
    ...caseCommands(app),
    ...screenCommands(app),
    ...recentCommands(app),
    ...windowCommands(app),
  ];
}

const inProject = { group: 'Project' };

function projectCommands(app: App): AppCommand[] {
  if (app.project.summary === null) return [];
  const { labels } = app;
  return [
    commandOf(app, 'find', inProject, () => {
      app.route.go('issues');
      void app.analysis.start();
    }),
    commandOf(app, 'export', inProject, () => app.overlays.show('export')),
    commandOf(app, 'add-model', inProject, () => {
      app.route.go('models');
      app.addingModel.reset();
      app.overlays.show('add-model');
    }),
    commandOf(app, 'import-denoiser', inProject, () => {
      app.route.go('models');
      app.importingDenoiser.reset();
      app.overlays.show('import-denoiser');
    }),
    commandOf(app, 'close', inProject, () => void closeProject(app)),
    ...(labels.undoText === null
      ? []
      : [
          commandOf(
            app,
            'undo',
            { ...inProject, note: translateSaid(labels.undoText) },
            () => void labels.undo(),
          ),
        ]),
    ...(labels.redoText === null
      ? []
      : [
          commandOf(
            app,
            'redo',
            { ...inProject, note: translateSaid(labels.redoText) },
            () => void labels.redo(),
          ),
        ]),
  ];
}

function methodCommands(app: App): AppCommand[] {
  if (app.project.summary === null) return [];
  return [
    commandOf(app, 'make-map', inProject, () => {
      app.route.go('map');
      app.overlays.show('make-map');
    }),
    commandOf(app, 'attribute', inProject, () => {
      app.route.go('influence');
      app.attribution.prepare(null);
      app.overlays.show('attribute');
    }),
    commandOf(app, 'evaluate', inProject, () => {
      app.route.go('methods');
      openEvaluation(app);
    }),
  ];
}

/** What there is to do with images that models make; questions about them only once there are some. */
function generationCommands(app: App): AppCommand[] {
  if (app.project.summary === null) return [];
  const hasMaker = app.models.learned('generate').length > 0;
  const commands = [
    commandOf(app, 'train-generative', inProject, () => {
      app.models.formTask = 'generate';
      app.route.go('models');
    }),
    commandOf(app, 'add-images', inProject, () => addImages(app)),
    commandOf(app, 'define-groups', inProject, () => {
      app.route.go('groups');
      defineGroups(app, 'class');
    }),
  ];
  if (hasMaker)
    commands.push(
      commandOf(app, 'make-images', inProject, () => {
        app.route.go('generated');
        makeImages(app, null);
      }),
    );
  if (hasMaker && app.queries.list.length > 0)
    commands.push(
      commandOf(app, 'trace-images', inProject, () => {
        app.route.go('generated');
        traceToImages(app);
      }),
      commandOf(app, 'trace-groups', inProject, () => {
        app.route.go('groups');
        traceToGroups(app);
      }),
    );
  return commands;
}

async function closeProject(app: App): Promise<void> {
  await app.project.close();
  app.route.go('home');
}

function screenCommands(app: App): AppCommand[] {
  return screenNames.map((screen) =>
    commandOf(app, `go-${screen}`, { group: 'Screens' }, () => app.route.go(screen)),
  );
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

function windowCommands(app: App): AppCommand[] {
  const inWindow = { group: 'Window' };
  return [
    ...themes.map((theme) =>
      commandOf(app, `theme-${theme}`, inWindow, () => app.appearance.setTheme(theme)),
    ),
    commandOf(app, 'text-larger', inWindow, () => app.appearance.stepTextSize(1)),
    commandOf(app, 'text-smaller', inWindow, () => app.appearance.stepTextSize(-1)),
    commandOf(app, 'text-usual', inWindow, () => app.appearance.setTextSize(100)),
    commandOf(app, 'tour', inWindow, () => app.tour.start()),
    commandOf(app, 'help', inWindow, () => app.overlays.show('help')),
  ];
}
