/** @file What the reviewer can decide about the pictures at hand, and the keys for it. */
import type { ImageIssue } from '../../../contract/image-issues-service.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';
import { isTyping } from '../shell/shortcuts.ts';

/** Which two of a cluster are compared: places among its members. */
export interface PairChoice {
  readonly left: number;
  readonly right: number;
}

export const firstPair: PairChoice = { left: 0, right: 1 };

/** The member that is compared moves on by `step`; the other one stays. */
export function movePair({ left, right }: PairChoice, step: 1 | -1, count: number): PairChoice {
  if (count < 3) return { left, right };
  let next = right;
  do next = (next + step + count) % count;
  while (next === left);
  return { left, right: next };
}

export function keepOnly(app: App, issue: ImageIssue, kept: SampleId): void {
  const others = issue.members.map(({ sampleId }) => sampleId).filter((id) => id !== kept);
  void app.imageIssues.resolve('exclude', others);
}

export function excludeAll(app: App, issue: ImageIssue): void {
  void app.imageIssues.resolve(
    'exclude',
    issue.members.map(({ sampleId }) => sampleId),
  );
}

/** Answers whether the key was for the queue. */
export function handleImageKey(
  event: KeyboardEvent,
  app: App,
  pair: PairChoice,
  setPair: (pair: PairChoice) => void,
): boolean {
  const { imageIssues, labels } = app;
  const issue = imageIssues.current;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event)) return false;
  if (issue === null || app.overlays.open !== null || imageIssues.finished) return false;
  const { members } = issue;
  const [left, right] = [members[pair.left]?.sampleId, members[pair.right]?.sampleId];
  const isCluster = left !== undefined && right !== undefined;
  const actions: Readonly<Record<string, (() => void) | false>> = {
    k: () => void imageIssues.resolve('keep'),
    x: members.length > 0 && (() => excludeAll(app, issue)),
    l: isCluster && (() => keepOnly(app, issue, left)),
    r: isCluster && (() => keepOnly(app, issue, right)),
    s: () => void imageIssues.resolve('skip'),
    u: () => void labels.undo(),
    '[': isCluster && (() => setPair(movePair(pair, -1, members.length))),
    ']': isCluster && (() => setPair(movePair(pair, 1, members.length))),
    ArrowLeft: () => void imageIssues.go(imageIssues.cursor - 1),
    ArrowRight: () => void imageIssues.go(imageIssues.cursor + 1),
  };
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action === undefined || action === false) return false;
  action();
  return true;
}
