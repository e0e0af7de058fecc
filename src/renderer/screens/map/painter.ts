/** @file What draws the points of a map, and what it is told. */
import type { MapView, Size } from './map-view.ts';

/** Bits of a point's flags. */
export const SELECTED = 1;
/** The filter does not let it through. */
export const FADED = 2;
/** Taken out by the legend. */
export const HIDDEN = 4;

export interface MapScene {
  /** x, y of each point. */
  readonly positions: Float32Array;
  /** Red, green, blue, unused, of each point. */
  readonly colours: Uint8Array;
  readonly flags: Uint8Array;
  /** Of the ring around what is selected, 0…255 each. */
  readonly ink: readonly [number, number, number];
}

export interface Frame {
  readonly view: MapView;
  /** In CSS pixels. */
  readonly size: Size;
  /** Diameter of a dot in CSS pixels. */
  readonly dot: number;
  readonly pixelRatio: number;
}

export interface Painter {
  readonly kind: 'webgl' | 'canvas';
  /** What is the same object as before is not sent to the graphics card again. */
  draw(scene: MapScene, frame: Frame): void;
  dispose(): void;
}

export const FADED_ALPHA = 0.13;
export const POINT_ALPHA = 0.85;
/** A selected dot is so many times as large. */
export const SELECTED_GROWTH = 1.5;
