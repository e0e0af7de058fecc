/** @file Keys that work on every screen. Screens add their own. */
import type { App } from '../../state/app.svelte.ts';
import type { ScreenName } from '../../state/route.svelte.ts';

/** In the order of the rail: Alt+1 the first, Alt+2 the second, Alt+0 the tenth. */
export const railOrder: readonly ScreenName[] = [
  'home',
  'import',
  'browse',
  'map',
  'issues',
  'influence',
  'generated',
  'groups',
  'subsets',
  'cases',
  'reports',
  'models',
  'methods',
  'history',
];

const digits = '1234567890';

/** 'Alt+1'; null for those beyond the tenth. */
export function screenKeys(screen: ScreenName): string | null {
  const digit = digits[railOrder.indexOf(screen)];
  return digit === undefined ? null : `Alt+${digit}`;
}

/** True where keys are meant as text. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'range', 'button'].includes(target.type);
  return (
    target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

export function handleShortcut(event: KeyboardEvent, app: App): void {
  const control = event.ctrlKey || event.metaKey;
  const handled = control ? handleControlKey(event, app) : handlePlainKey(event, app);
  if (handled) event.preventDefault();
}

function handleControlKey(event: KeyboardEvent, app: App): boolean {
  switch (event.key.toLowerCase()) {
    case 'k':
      app.overlays.show('palette');
      return true;
    case 'e':
      if (app.project.summary !== null) app.overlays.show('export');
      return true;
    case 'z':
      if (isTyping(event)) return false;
      void (event.shiftKey ? app.labels.redo() : app.labels.undo());
      return true;
    case 'y':
      if (isTyping(event)) return false;
      void app.labels.redo();
      return true;
    default:
      return false;
  }
}

function handlePlainKey(event: KeyboardEvent, app: App): boolean {
  if (event.altKey) {
    const screen = event.key.length === 1 ? railOrder[digits.indexOf(event.key)] : undefined;
    if (screen !== undefined) app.route.go(screen);
    return screen !== undefined;
  }
  if (event.key !== '?' || isTyping(event) || app.overlays.open !== null) return false;
  app.overlays.show('help');
  return true;
}
