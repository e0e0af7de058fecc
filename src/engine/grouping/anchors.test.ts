import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/random.ts';
import { anchorShares, drawAnchor } from './anchors.ts';

const weighted = { anchors: 'weighted', anchorSharpness: 2, anchorUniformShare: 0.3 } as const;
const prototypes = [
  [1, 0],
  [2, 0],
  [0, 1],
  [0, 0],
];
const all = new Set([0, 1, 2, 3]);

describe('the classes that may stand in for that of a forgotten image', () => {
  it('are those of retained images, never its own, and never none', () => {
    for (const choices of [weighted, { ...weighted, anchors: 'uniform' } as const]) {
      expect([...anchorShares(1, new Set([-1, 0, 1, 3]), prototypes, choices).keys()]).toEqual([0, 3]);
      expect(anchorShares(1, new Set([1, -1]), prototypes, choices).size).toBe(0);
    }
  });

  it('are the likelier the more alike they are, as the formula says, and likely in all to one', () => {
    const shares = anchorShares(0, all, prototypes, weighted);
    // Cosines to class 0: one, zero, and zero of a vector without a direction.
    const total = Math.exp(2) + 1 + 1;
    expect(shares.get(1)).toBeCloseTo(0.7 * (Math.exp(2) / total) + 0.1, 12);
    expect(shares.get(2)).toBeCloseTo(0.7 / total + 0.1, 12);
    expect(shares.get(3)).toBeCloseTo(0.7 / total + 0.1, 12);
    expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it.each([
    ['that are uniform', 0, prototypes, { ...weighted, anchors: 'uniform' } as const],
    ['of which nothing is known', 0, null, weighted],
    ['for an image without a class', -1, prototypes, weighted],
    ['without sharpness', 0, prototypes, { ...weighted, anchorSharpness: 0 }],
    ['of which all are drawn equally', 0, prototypes, { ...weighted, anchorUniformShare: 1 }],
  ])('%s are equally likely', (_, own, known, choices) => {
    const shares = anchorShares(own, all, known, choices);
    expect(shares.size).toBe(own < 0 ? 4 : 3);
    for (const share of shares.values()) expect(share).toBeCloseTo(1 / shares.size, 12);
  });
});

describe('a drawn class', () => {
  it('comes as often as its share says', () => {
    const shares = new Map([
      [3, 0.2],
      [5, 0],
      [8, 0.8],
    ]);
    const random = new Random(1, 'draws');
    const drawn = Array.from({ length: 4000 }, () => drawAnchor(shares, random));
    const often = (anchor: number): number => drawn.filter((one) => one === anchor).length / drawn.length;
    expect(often(3)).toBeCloseTo(0.2, 1);
    expect([often(5), often(3) + often(8)]).toEqual([0, 1]);
  });

  it('is none where there is none', () => {
    expect(drawAnchor(new Map(), new Random(1, 'draws'))).toBe(-1);
  });
});
