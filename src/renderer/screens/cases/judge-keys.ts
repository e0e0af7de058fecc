/** @file Keys of judging: one per verdict about the exhibit at hand, and the way to the others. */
import { isForControl, isTyping } from '../../keys/key-target.ts';
import type { App } from '../../state/app.svelte.ts';

/** Answers whether the key was for the judging. */
export function handleJudgeKey(event: KeyboardEvent, app: App): boolean {
  const { judging, overlays } = app;
  if (isTyping(event) || isForControl(event) || overlays.open !== null || judging.current === null)
    return false;
  // Arrows on a choice of one among several are that choice's.
  const isChoosing =
    event.target instanceof Element && event.target.closest('[type=radio], [type=range]') !== null;
  if (isChoosing) return false;
  switch (app.keymap.find(event, 'cases')) {
    case 'cases.before':
      judging.go(judging.place - 1);
      return true;
    case 'cases.next':
      judging.go(judging.place + 1);
      return true;
    case 'cases.same-image':
      return judge(app, 'same-image');
    case 'cases.same-subject':
      return judge(app, 'same-subject');
    case 'cases.same-style':
      return judge(app, 'same-style');
    case 'cases.no-resemblance':
      return judge(app, 'no-resemblance');
    case 'cases.unsure':
      return judge(app, 'unsure');
    default:
      return false;
  }
}

function judge({ judging, cases }: App, verdict: Parameters<App['judging']['judge']>[0]): boolean {
  if (cases.file?.status === 'closed') return false;
  void judging.judge(verdict);
  return true;
}
