/**
 * @file Which class stands in for that of a forgotten image where a group is unlearned from a model that is told classes (GUDA-C, METHODS §2.5): one that
 * retained images have, the likelier the more alike the two are to the model.
 */
import type { Random } from '../../core/base/random.ts';
import type { Numbers } from '../../core/linalg/ranks.ts';
import { cosineBetween } from '../../core/linalg/vector-distance.ts';
import type { UnlearningChoices } from '../../contract/generation-configs.ts';

/** What stands for each class, by class index: vectors of one length. */
export type ClassPrototypes = readonly Numbers[];

export type AnchorChoices = Pick<UnlearningChoices, 'anchors' | 'anchorSharpness' | 'anchorUniformShare'>;

/**
 * π(s) = (1 − η)·softmax(β·cos(prototype of `own`, prototype of s)) + η/S over the S classes of retained images other than `own`; empty where there is none.
 * Without prototypes, and for an image that has no class (`own` −1), all are equally likely.
 */
export function anchorShares(
  own: number,
  retained: ReadonlySet<number>,
  prototypes: ClassPrototypes | null,
  { anchors, anchorSharpness, anchorUniformShare }: AnchorChoices,
): ReadonlyMap<number, number> {
  const others = [...retained].filter((other) => other >= 0 && other !== own).sort((a, b) => a - b);
  const alike = prototypes?.[own];
  if (anchors === 'uniform' || prototypes === null || alike === undefined)
    return new Map(others.map((other) => [other, 1 / others.length]));
  const weights = others.map((other) => Math.exp(anchorSharpness * cosineBetween(alike, prototypes[other]!)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return new Map(
    others.map((other, place) => [
      other,
      (1 - anchorUniformShare) * (weights[place]! / total) + anchorUniformShare / others.length,
    ]),
  );
}

/** One of these classes, as often as its share says. */
export function drawAnchor(shares: ReadonlyMap<number, number>, random: Random): number {
  let left = random.uniform();
  let drawn = -1;
  for (const [anchor, share] of shares) {
    drawn = anchor;
    left -= share;
    if (left < 0) break;
  }
  return drawn;
}
