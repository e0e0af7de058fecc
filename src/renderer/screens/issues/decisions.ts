/** @file What the reviewer can decide about the image at hand. */
import type { ClassId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';

export function acceptSuggestion(app: App): void {
  const issue = app.issues.current;
  if (issue !== null) void app.issues.decide('accept', issue.suggestedLabel);
}

/** Naming the given class is keeping it, naming the suggested one is accepting it. */
export function chooseClass(app: App, label: ClassId): void {
  const issue = app.issues.current;
  if (issue === null) return;
  if (label === issue.givenLabel) void app.issues.decide('keep');
  else if (label === issue.suggestedLabel) void app.issues.decide('accept', label);
  else void app.issues.decide('other', label);
}

export function askForOther(app: App): void {
  app.overlays.askForClass('What is it?', (label) => chooseClass(app, label));
}
