/** @file One key per decision. */
import type { App } from '../../state/app.svelte.ts';
import { isTyping } from '../shell/shortcuts.ts';
import { acceptSuggestion, askForOther, chooseClass } from './decisions.ts';

export function handleQueueKey(event: KeyboardEvent, app: App): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || !isQueueInView(app)) return;
  // Enter and Space on a focused control are that control's.
  const onControl = event.target instanceof Element && event.target.closest('button, a, select') !== null;
  if (onControl && (event.key === 'Enter' || event.key === ' ')) return;
  if (handleKey(event.key, app)) event.preventDefault();
}

function isQueueInView(app: App): boolean {
  return app.overlays.open === null && app.issues.current !== null && app.analysis.step === null;
}

function handleKey(key: string, app: App): boolean {
  const { issues, labels } = app;
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case 'k':
      void issues.decide('keep');
      return true;
    case 'a':
    case 'Enter':
      acceptSuggestion(app);
      return true;
    case 'o':
      askForOther(app);
      return true;
    case 's':
      void issues.decide('skip');
      return true;
    case 'u':
      void labels.undo();
      return true;
    case 'ArrowLeft':
      void issues.go(issues.cursor - 1);
      return true;
    case 'ArrowRight':
      void issues.go(issues.cursor + 1);
      return true;
    default:
      return chooseByNumber(key, app);
  }
}

function chooseByNumber(key: string, app: App): boolean {
  const entry = /^[1-9]$/.test(key) ? app.project.classes[Number(key) - 1] : undefined;
  if (entry === undefined) return false;
  chooseClass(app, entry.id);
  return true;
}
