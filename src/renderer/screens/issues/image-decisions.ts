/** @file What the reviewer can decide about the pictures at hand, and the keys for it. */
import type { ImageIssue } from '../../../contract/image-issues-service.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { ActionIn } from '../../keys/actions.ts';
import { isTyping } from '../../keys/key-target.ts';
import type { App } from '../../state/app.svelte.ts';

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

type PictureActions = Readonly<Record<ActionIn<'pictures'>, () => void>>;

/** Answers whether the key was for the queue. */
export function handleImageKey(
  event: KeyboardEvent,
  app: App,
  pair: PairChoice,
  setPair: (pair: PairChoice) => void,
): boolean {
  const { imageIssues, keymap, overlays } = app;
  const issue = imageIssues.current;
  if (isTyping(event) || issue === null || overlays.open !== null || imageIssues.finished) return false;
  const action = keymap.find(event, 'pictures');
  if (action === null) return false;
  pictureActions(app, issue, pair, setPair)[action]();
  return true;
}

/** What needs pictures, or a pair of them, does nothing where there are none. */
function pictureActions(
  app: App,
  issue: ImageIssue,
  pair: PairChoice,
  setPair: (pair: PairChoice) => void,
): PictureActions {
  const { imageIssues, labels } = app;
  const { members } = issue;
  const [left, right] = [members[pair.left]?.sampleId, members[pair.right]?.sampleId];
  const withPair = (act: (left: SampleId, right: SampleId) => void): void => {
    if (left !== undefined && right !== undefined) act(left, right);
  };
  return {
    'pictures.keep': () => void imageIssues.resolve('keep'),
    'pictures.skip': () => void imageIssues.resolve('skip'),
    'pictures.undo': () => void labels.undo(),
    'pictures.before': () => void imageIssues.go(imageIssues.cursor - 1),
    'pictures.next': () => void imageIssues.go(imageIssues.cursor + 1),
    'pictures.exclude': () => {
      if (members.length > 0) excludeAll(app, issue);
    },
    'pictures.keep-left': () => withPair((first) => keepOnly(app, issue, first)),
    'pictures.keep-right': () => withPair((_, second) => keepOnly(app, issue, second)),
    'pictures.pair-before': () => withPair(() => setPair(movePair(pair, -1, members.length))),
    'pictures.pair-next': () => withPair(() => setPair(movePair(pair, 1, members.length))),
  };
}
