import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paretoFront } from './pareto-front.ts';

const point = fc.record({ x: fc.integer({ min: 0, max: 20 }), y: fc.integer({ min: 0, max: 20 }) });

describe('paretoFront', () => {
  it('keeps what is cheaper or better than all others, in order of cost', () => {
    const cheap = { x: 1, y: 0.1 };
    const middle = { x: 5, y: 0.3 };
    const beaten = { x: 6, y: 0.2 };
    const best = { x: 90, y: 0.4 };
    expect(paretoFront([beaten, best, middle, cheap])).toEqual([cheap, middle, best]);
  });

  it('holds exactly the points that nothing beats', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 30 }), (points) => {
        const front = paretoFront(points);
        const beats = (a: { x: number; y: number }, b: { x: number; y: number }): boolean =>
          a.x <= b.x && a.y >= b.y && (a.x < b.x || a.y > b.y);
        for (const candidate of points) {
          const isBeaten = points.some((other) => beats(other, candidate));
          const isInFront = front.some(({ x, y }) => x === candidate.x && y === candidate.y);
          expect(isInFront).toBe(!isBeaten);
        }
      }),
    );
  });
});
