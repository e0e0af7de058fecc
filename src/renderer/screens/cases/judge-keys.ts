/** @file One key per verdict about the exhibit at hand. */
import type { Judgement } from '../../../contract/cases-service.ts';
import type { ActionIn } from '../../keys/actions.ts';
import { isTyping } from '../../keys/key-target.ts';
import type { App } from '../../state/app.svelte.ts';

/** Answers whether the key was for the judging. */
export function handleJudgeKey(event: KeyboardEvent, app: App): boolean {
  const { judging, keymap, overlays } = app;
  if (isTyping(event) || overlays.open !== null || judging.current === null) return false;
  // Arrows on a choice of one among several are that choice's.
  if (event.target instanceof Element && event.target.closest('[type=radio], [type=range]') !== null)
    return false;
  const action = keymap.find(event, 'judging');
  if (action === null) return false;
  judgeActions(app)[action]();
  return true;
}

function judgeActions(app: App): Readonly<Record<ActionIn<'judging'>, () => void>> {
  const { judging } = app;
  const say = (verdict: Judgement['verdict']) => (): void => {
    if (app.cases.file?.status === 'open') void judging.judge(verdict);
  };
  return {
    'judging.same-image': say('same-image'),
    'judging.same-subject': say('same-subject'),
    'judging.same-style': say('same-style'),
    'judging.no-resemblance': say('no-resemblance'),
    'judging.unsure': say('unsure'),
    'judging.before': () => judging.go(judging.place - 1),
    'judging.next': () => judging.go(judging.place + 1),
  };
}
