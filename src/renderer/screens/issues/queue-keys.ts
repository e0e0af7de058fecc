/** @file One key per decision. */
import type { ActionIn } from '../../keys/actions.ts';
import { isForControl, isTyping } from '../../keys/key-target.ts';
import type { App } from '../../state/app.svelte.ts';
import { acceptSuggestion, askForOther, chooseClass } from './decisions.ts';

export function handleQueueKey(event: KeyboardEvent, app: App): void {
  if (isTyping(event) || isForControl(event) || !isQueueInView(app)) return;
  const action = app.keymap.find(event, 'labels');
  if (action === null) return;
  decide(action, event.key, app);
  event.preventDefault();
}

function isQueueInView(app: App): boolean {
  return app.overlays.open === null && app.issues.current !== null && app.analysis.step === null;
}

function decide(action: ActionIn<'labels'>, key: string, app: App): void {
  const { issues, labels } = app;
  const act: Readonly<Record<ActionIn<'labels'>, () => void>> = {
    'labels.keep': () => void issues.decide('keep'),
    'labels.accept': () => acceptSuggestion(app),
    'labels.other': () => askForOther(app),
    'labels.class': () => chooseByNumber(Number(key), app),
    'labels.skip': () => void issues.decide('skip'),
    'labels.undo': () => void labels.undo(),
    'labels.before': () => void issues.go(issues.cursor - 1),
    'labels.next': () => void issues.go(issues.cursor + 1),
  };
  act[action]();
}

function chooseByNumber(number: number, app: App): void {
  const entry = app.project.classes[number - 1];
  if (entry !== undefined) chooseClass(app, entry.id);
}
