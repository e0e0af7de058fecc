/** @file One key per verdict about the exhibit at hand. */
import { Judgement } from '../../../contract/cases-service.ts';
import type { App } from '../../state/app.svelte.ts';
import { isTyping } from '../shell/shortcuts.ts';
import { verdictWords } from './case-words.ts';

/** Answers whether the key was for the judging. */
export function handleJudgeKey(event: KeyboardEvent, app: App): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event)) return false;
  const { judging, overlays } = app;
  if (overlays.open !== null || judging.current === null) return false;
  // Arrows on a choice of one among several are that choice's.
  const onChoice =
    event.target instanceof Element && event.target.closest('[type=radio], [type=range]') !== null;
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    if (!onChoice) judging.go(judging.place + (event.key === 'ArrowLeft' ? -1 : 1));
    return !onChoice;
  }
  const verdict = Judgement.shape.verdict.options.find(
    (option) => verdictWords[option].key === event.key.toUpperCase(),
  );
  if (verdict === undefined || app.cases.file?.status === 'closed') return false;
  void judging.judge(verdict);
  return true;
}
