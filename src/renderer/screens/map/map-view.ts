/** @file Which part of a map is seen: where a point of the map lies on the screen, and back. */

export interface MapView {
  /** The place of the map in the middle of the screen. */
  readonly x: number;
  readonly y: number;
  /** Pixels per unit of the map. */
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Share of the screen that the whole map takes. */
const FILL = 0.92;
/** How far one may go in or out from the whole map. */
const LARGEST_ZOOM = 400;
const SMALLEST_ZOOM = 0.5;

/** The whole map in the middle. `positions`: x, y of each point. */
export function fitView(positions: Float32Array, { width, height }: Size): MapView {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let index = 0; index < positions.length; index += 2) {
    left = Math.min(left, positions[index]!);
    right = Math.max(right, positions[index]!);
    top = Math.min(top, positions[index + 1]!);
    bottom = Math.max(bottom, positions[index + 1]!);
  }
  if (left > right) return { x: 0, y: 0, scale: 1 };
  const scale = FILL * Math.min(width / (right - left || 1), height / (bottom - top || 1));
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale };
}

export function toScreen(view: MapView, { width, height }: Size, { x, y }: Place): Place {
  return { x: width / 2 + (x - view.x) * view.scale, y: height / 2 + (y - view.y) * view.scale };
}

export function toMap(view: MapView, { width, height }: Size, { x, y }: Place): Place {
  return { x: view.x + (x - width / 2) / view.scale, y: view.y + (y - height / 2) / view.scale };
}

/** Moved by so many pixels of the screen. */
export function panned(view: MapView, dx: number, dy: number): MapView {
  return { ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale };
}

/** The place under `at` stays where it is. `whole`: the view of the whole map, which zooming is measured from. */
export function zoomed(view: MapView, size: Size, at: Place, factor: number, whole: MapView): MapView {
  const wanted = view.scale * factor;
  const scale = Math.min(whole.scale * LARGEST_ZOOM, Math.max(whole.scale * SMALLEST_ZOOM, wanted));
  const fixed = toMap(view, size, at);
  return {
    x: fixed.x - (at.x - size.width / 2) / scale,
    y: fixed.y - (at.y - size.height / 2) / scale,
    scale,
  };
}

const SMALLEST_DOT = 2;
/** Of the whole map, and of its nearest parts. */
const LARGEST_FAR_DOT = 9;
const LARGEST_DOT = 22;
/** Share of the screen that the dots of the whole map cover, roughly. */
const COVERED = 0.035;

/** Diameter of a dot in pixels: small where there are many, larger as one goes nearer. */
export function dotSize(count: number, size: Size, view: MapView, whole: MapView): number {
  const apart = Math.sqrt((size.width * size.height * COVERED) / Math.max(1, count));
  const nearer = Math.sqrt(Math.max(1, view.scale / whole.scale));
  return Math.min(LARGEST_DOT, Math.max(SMALLEST_DOT, Math.min(LARGEST_FAR_DOT, apart)) * nearer);
}
