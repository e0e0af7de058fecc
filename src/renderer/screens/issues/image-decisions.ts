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

type KeyActions = Readonly<Record<string, () => void>>;

/** Answers whether the key was for the queue. */
export function handleImageKey(
  event: KeyboardEvent,
  app: App,
  pair: PairChoice,
  setPair: (pair: PairChoice) => void,
): boolean {
  if (!takesKeys(event, app)) return false;
  const issue = app.imageIssues.current!;
  const actions = { ...decisionKeys(app, issue), ...pairKeys(app, issue, pair, setPair) };
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  action?.();
  return action !== undefined;
}

function takesKeys(event: KeyboardEvent, { imageIssues, overlays }: App): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event)) return false;
  return imageIssues.current !== null && overlays.open === null && !imageIssues.finished;
}

function decisionKeys(app: App, issue: ImageIssue): KeyActions {
  const { imageIssues, labels } = app;
  return {
    k: () => void imageIssues.resolve('keep'),
    s: () => void imageIssues.resolve('skip'),
    u: () => void labels.undo(),
    ArrowLeft: () => void imageIssues.go(imageIssues.cursor - 1),
    ArrowRight: () => void imageIssues.go(imageIssues.cursor + 1),
    ...(issue.members.length === 0 ? {} : { x: () => excludeAll(app, issue) }),
  };
}

/** None where there is no pair to choose from. */
function pairKeys(
  app: App,
  issue: ImageIssue,
  pair: PairChoice,
  setPair: (pair: PairChoice) => void,
): KeyActions {
  const { members } = issue;
  const [left, right] = [members[pair.left]?.sampleId, members[pair.right]?.sampleId];
  if (left === undefined || right === undefined) return {};
  return {
    l: () => keepOnly(app, issue, left),
    r: () => keepOnly(app, issue, right),
    '[': () => setPair(movePair(pair, -1, members.length)),
    ']': () => setPair(movePair(pair, 1, members.length)),
  };
}
