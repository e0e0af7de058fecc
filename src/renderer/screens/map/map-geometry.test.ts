import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInside, pointsInside, rectangle } from './lasso.ts';
import { dotSize, fitView, panned, toMap, toScreen, zoomed } from './map-view.ts';
import { PointGrid } from './point-grid.ts';

const size = { width: 800, height: 600 };
const coordinate = fc.double({ min: -50, max: 50, noNaN: true });
const place = fc.record({ x: coordinate, y: coordinate });
const positions = fc
  .array(place, { minLength: 1, maxLength: 60 })
  .map((places) => Float32Array.from(places.flatMap(({ x, y }) => [x, y])));
const all = (): boolean => true;

describe('a lasso', () => {
  it('that is a rectangle holds the points between its sides', () => {
    fc.assert(
      fc.property(place, place, positions, (from, to, points) => {
        const inside = new Set(pointsInside(rectangle(from, to), points, all));
        const between = (value: number, a: number, b: number) =>
          Math.sign(value - Math.min(a, b)) * Math.sign(Math.max(a, b) - value);
        for (let point = 0; point < points.length / 2; point++) {
          const [x, y] = [points[2 * point]!, points[2 * point + 1]!];
          const horizontally = between(x, from.x, to.x);
          const vertically = between(y, from.y, to.y);
          // On an edge either answer is right.
          if (horizontally === 0 || vertically === 0) continue;
          expect(inside.has(point)).toBe(horizontally > 0 && vertically > 0);
        }
      }),
    );
  });

  it('around a convex shape holds what lies on one side of all its edges, whichever way it was drawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 12 }), place, (corners, { x, y }) => {
        const polygon = Array.from({ length: corners }, (_, corner) => ({
          x: 30 * Math.cos((2 * Math.PI * corner) / corners),
          y: 30 * Math.sin((2 * Math.PI * corner) / corners),
        }));
        const sides = polygon.map((a, index) => {
          const b = polygon[(index + 1) % corners]!;
          return (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);
        });
        fc.pre(sides.every((side) => Math.abs(side) > 1e-6));
        const expected = sides.every((side) => side > 0);
        expect(isInside(polygon, x, y)).toBe(expected);
        expect(isInside(polygon.toReversed(), x, y)).toBe(expected);
      }),
    );
  });

  it('leaves out what crosses itself twice, points that may not be chosen, and is nothing with two corners', () => {
    const twice = [
      ...rectangle({ x: 0, y: 0 }, { x: 10, y: 10 }),
      ...rectangle({ x: 0, y: 0 }, { x: 10, y: 10 }),
    ];
    expect(isInside(twice, 5, 5)).toBe(false);
    const points = Float32Array.of(1, 1, 2, 2);
    const square = rectangle({ x: 0, y: 0 }, { x: 3, y: 3 });
    expect(pointsInside(square, points, (point) => point === 1)).toEqual([1]);
    expect(pointsInside(square.slice(0, 2), points, all)).toEqual([]);
  });
});

describe('the point under the pointer', () => {
  it('is the nearest of all, and none beyond the reach', () => {
    fc.assert(
      fc.property(positions, place, fc.double({ min: 0.1, max: 20, noNaN: true }), (points, at, reach) => {
        const away = Array.from({ length: points.length / 2 }, (_, point) =>
          Math.hypot(points[2 * point]! - at.x, points[2 * point + 1]! - at.y),
        );
        const least = Math.min(...away);
        const found = new PointGrid(points).nearest(at.x, at.y, reach, all);
        if (least > reach * 1.000001) expect(found).toBeNull();
        if (least < reach * 0.999999) expect(away[found!]).toBeCloseTo(least, 6);
      }),
    );
  });
});

describe('the view', () => {
  it('of the whole map holds every point', () => {
    fc.assert(
      fc.property(positions, (points) => {
        const view = fitView(points, size);
        for (let point = 0; point < points.length / 2; point++) {
          const { x, y } = toScreen(view, size, { x: points[2 * point]!, y: points[2 * point + 1]! });
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(size.width);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(size.height);
        }
      }),
    );
  });

  it('keeps the place under the pointer while zooming, and moves with the hand', () => {
    const whole = { x: 0, y: 0, scale: 10 };
    const at = { x: 610, y: 130 };
    const before = toMap(whole, size, at);
    const nearer = zoomed(whole, size, at, 3, whole);
    expect(nearer.scale).toBe(30);
    expect(toMap(nearer, size, at).x).toBeCloseTo(before.x, 9);
    expect(toMap(nearer, size, at).y).toBeCloseTo(before.y, 9);
    expect(zoomed(whole, size, at, 1e9, whole).scale).toBe(4000);
    const moved = toScreen(panned(whole, 25, -40), size, before);
    expect(moved).toEqual({ x: 635, y: 90 });
  });

  it('has smaller dots for more points, larger ones nearer by', () => {
    const whole = { x: 0, y: 0, scale: 10 };
    const nearer = { ...whole, scale: 90 };
    expect(dotSize(100_000, size, whole, whole)).toBeLessThan(dotSize(500, size, whole, whole));
    expect(dotSize(100_000, size, nearer, whole)).toBeGreaterThan(dotSize(100_000, size, whole, whole));
  });
});
