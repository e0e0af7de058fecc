/** @file What the command palette offers for copyright cases and their reports. */
import type { App } from '../../state/app.svelte.ts';
import { caseParts } from '../../state/case-parts.ts';
import { partWords } from '../cases/case-words.ts';
import { commandOf, type AppCommand } from './app-command.ts';

export function caseCommands(app: App): AppCommand[] {
  const group = 'Cases';
  const verify = commandOf(app, 'verify', { group }, () => app.route.go('reports'));
  if (app.project.summary === null) return [verify];
  return [
    commandOf(app, 'open-case', { group }, () => {
      app.route.go('cases');
      app.overlays.show('open-case');
    }),
    verify,
    ...app.cases.list.map(({ id, name }): AppCommand => ({
      id: `case-${id}`,
      ...{ text: `Go to the case ${name}`, group },
      run: () => app.route.go('cases', id),
    })),
    ...partCommands(app),
  ];
}

/** Of the case at hand. */
function partCommands(app: App): AppCommand[] {
  const { file } = app.cases;
  if (file === null || app.route.screen !== 'cases') return [];
  const group = `Case: ${file.name}`;
  return [
    ...caseParts.map((part): AppCommand => ({
      id: `case-part-${part}`,
      text: `Show ${partWords[part].title}`,
      group,
      run: () => (app.cases.part = part),
    })),
    {
      id: 'case-events',
      text: 'Show what was done in the case',
      group,
      run: () => (app.cases.part = 'events'),
    },
    {
      id: 'case-report',
      text: 'Look at the report of the case',
      group,
      run: () => app.route.go('reports', file.id),
    },
  ];
}
