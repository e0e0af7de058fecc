/** @file Where the names of points stand, so that none covers another name or a point. Lengths are CSS pixels. */

export interface NamedPoint {
  readonly x: number;
  readonly y: number;
  readonly name: string;
}

export interface LabelPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Of a letter at 11 px, on average; a little too much rather than too little. */
const LETTER_WIDTH = 6.2;
const LINE_HEIGHT = 13;
/** From a point's middle to its name. */
const DISTANCE = 10;

/** Beside, above or below each point, the first place that is free; null where there is none. Earlier points choose first. */
export function placeLabels(
  points: readonly NamedPoint[],
  area: { readonly width: number; readonly height: number },
): (LabelPlace | null)[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 6, top: y - 6, right: x + 6, bottom: y + 6 }));
  return points.map((point, index) => {
    for (const place of candidates(point)) {
      const box = boxOf(place, point.name);
      const isInside = box.left >= 0 && box.top >= 0 && box.right <= area.width && box.bottom <= area.height;
      if (!isInside || taken.some((other, at) => at !== index && overlap(box, other))) continue;
      taken.push(box);
      return place;
    }
    return null;
  });
}

function candidates({ x, y }: NamedPoint): LabelPlace[] {
  return [
    { x: x + DISTANCE, y, anchor: 'start' },
    { x: x - DISTANCE, y, anchor: 'end' },
    { x, y: y - DISTANCE - LINE_HEIGHT / 2, anchor: 'middle' },
    { x, y: y + DISTANCE + LINE_HEIGHT / 2, anchor: 'middle' },
  ];
}

function boxOf({ x, y, anchor }: LabelPlace, name: string): Box {
  const width = name.length * LETTER_WIDTH;
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, top: y - LINE_HEIGHT / 2, right: left + width, bottom: y + LINE_HEIGHT / 2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
