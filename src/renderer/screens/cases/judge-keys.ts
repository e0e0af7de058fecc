/** @file One key per verdict about the exhibit at hand. */
import { Judgement } from '../../../contract/cases-service.ts';
import type { App } from '../../state/app.svelte.ts';
import { isTyping } from '../shell/shortcuts.ts';
import { verdictWords } from './case-words.ts';

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** Answers whether the key was for the judging. */
export function handleJudgeKey(event: KeyboardEvent, app: App): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event)) return false;
  const { judging, overlays } = app;
  if (overlays.open !== null || judging.current === null) return false;
  const step = steps[event.key];
  if (step === undefined) return judgeBy(event.key, app);
  // Arrows on a choice of one among several are that choice's.
  if (event.target instanceof Element && event.target.closest('[type=radio], [type=range]') !== null)
    return false;
  judging.go(judging.place + step);
  return true;
}

function judgeBy(key: string, app: App): boolean {
  const verdict = Judgement.shape.verdict.options.find(
    (option) => verdictWords[option].key === key.toUpperCase(),
  );
  if (verdict === undefined || app.cases.file?.status === 'closed') return false;
  void app.judging.judge(verdict);
  return true;
}
