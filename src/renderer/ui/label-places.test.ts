import { describe, expect, it } from 'vitest';
import { placeLabels } from './label-places.ts';

const area = { width: 400, height: 200 };

describe('placeLabels', () => {
  it('writes to the right, and to the left where the right is too narrow', () => {
    const [inside, atEdge] = placeLabels(
      [
        { x: 50, y: 50, name: 'trak' },
        { x: 390, y: 150, name: 'grad-dot' },
      ],
      area,
    );
    expect(inside?.anchor).toBe('start');
    expect(atEdge?.anchor).toBe('end');
  });

  it('gives close points different places', () => {
    const places = placeLabels(
      [
        { x: 200, y: 100, name: 'one name' },
        { x: 200, y: 106, name: 'another name' },
      ],
      area,
    );
    expect(places[0]).not.toEqual(places[1]);
    expect(new Set(places.map((place) => place?.anchor)).size).toBe(2);
  });

  it('leaves a name out where it would cover another', () => {
    const crowd = Array.from({ length: 9 }, () => ({ x: 200, y: 100, name: 'the same place' }));
    const places = placeLabels(crowd, area);
    expect(places.filter((place) => place !== null).length).toBeLessThanOrEqual(4);
  });
});
