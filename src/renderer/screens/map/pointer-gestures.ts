/** @file What a pointer does on a map: moves it, draws around points, clicks one; two fingers zoom. */
import type { Place } from './map-view.ts';
import { rectangle } from './lasso.ts';

export type SelectHow = 'only' | 'add' | 'remove';

export interface GestureTarget {
  tool(): 'move' | 'lasso' | 'rectangle';
  pan(dx: number, dy: number): void;
  zoom(at: Place, factor: number): void;
  /** What is being drawn; empty: nothing. */
  outline(places: readonly Place[]): void;
  /** null: the pointer has left, or does something else. */
  hover(at: Place | null): void;
  click(at: Place, event: PointerEvent): void;
  shape(places: readonly Place[], how: SelectHow): void;
}

/** Less than this is a click, in pixels. */
const CLICK_REACH = 4;
/** A wheel notch of 100 pixels zooms by about a quarter. */
const WHEEL_STEP = 0.0022;
/** A pinch on a touchpad comes as small turns of the wheel with Control. */
const PINCH_STEP = 0.01;
const LINE_PIXELS = 16;

interface Drag {
  readonly id: number;
  readonly start: Place;
  readonly draws: 'lasso' | 'rectangle' | null;
  readonly places: Place[];
  last: Place;
  isMoved: boolean;
}

export class PointerGestures {
  readonly #target: GestureTarget;
  readonly #fingers = new Map<number, Place>();
  #drag: Drag | null = null;

  constructor(target: GestureTarget) {
    this.#target = target;
  }

  down(event: PointerEvent): void {
    if (event.button === 2) return;
    const at = placeOf(event);
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, at);
    if (this.#fingers.size > 1) {
      this.#drag = null; // two fingers move and zoom, whatever the tool
      this.#target.outline([]);
      return;
    }
    this.#drag = {
      ...{ id: event.pointerId, start: at, last: at, isMoved: false, places: [at] },
      draws: this.#drawn(event),
    };
  }

  move(event: PointerEvent): void {
    const at = placeOf(event);
    const before = this.#fingers.get(event.pointerId);
    if (before !== undefined) this.#fingers.set(event.pointerId, at);
    if (this.#fingers.size > 1 && before !== undefined) this.#pinch(event.pointerId, before, at);
    else if (this.#drag === null) this.#target.hover(at);
    else if (this.#drag.id === event.pointerId) this.#dragTo(this.#drag, at);
  }

  up(event: PointerEvent): void {
    this.#fingers.delete(event.pointerId);
    const drag = this.#drag;
    if (drag === null || drag.id !== event.pointerId) return;
    this.#drag = null;
    this.#target.outline([]);
    if (!drag.isMoved) this.#target.click(drag.start, event);
    else if (drag.draws !== null) this.#target.shape(shapeOf(drag), howOf(event));
  }

  cancel(): void {
    this.#fingers.clear();
    this.#drag = null;
    this.#target.outline([]);
  }

  leave(): void {
    if (this.#drag === null) this.#target.hover(null);
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_PIXELS : event.deltaY;
    this.#target.zoom(placeOf(event), Math.exp(-pixels * (event.ctrlKey ? PINCH_STEP : WHEEL_STEP)));
  }

  /** Shift and Alt draw with every tool; the middle button moves with every tool. */
  #drawn(event: PointerEvent): Drag['draws'] {
    const tool = this.#target.tool();
    if (event.button === 1) return null;
    if (tool !== 'move') return tool;
    return event.shiftKey || event.altKey ? 'lasso' : null;
  }

  #dragTo(drag: Drag, at: Place): void {
    if (!drag.isMoved && Math.hypot(at.x - drag.start.x, at.y - drag.start.y) < CLICK_REACH) return;
    drag.isMoved = true;
    this.#target.hover(null);
    if (drag.draws === null) this.#target.pan(at.x - drag.last.x, at.y - drag.last.y);
    else drag.places.push(at);
    drag.last = at;
    if (drag.draws !== null) this.#target.outline(shapeOf(drag));
  }

  #pinch(id: number, before: Place, at: Place): void {
    const other = [...this.#fingers].find(([finger]) => finger !== id)?.[1];
    if (other === undefined) return;
    const [was, is] = [before, at].map(({ x, y }) => Math.hypot(x - other.x, y - other.y));
    const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
    this.#target.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
    if (was! > 0) this.#target.zoom(middle, is! / was!);
  }
}

function shapeOf({ draws, start, last, places }: Drag): Place[] {
  return draws === 'rectangle' ? rectangle(start, last) : [...places];
}

function howOf(event: PointerEvent): SelectHow {
  return event.altKey ? 'remove' : event.shiftKey ? 'add' : 'only';
}

/** Within the element that hears the event. */
export function placeOf(event: MouseEvent): Place {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
