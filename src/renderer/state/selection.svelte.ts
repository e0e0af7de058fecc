/** @file Which images are selected, and where the keyboard stands. One selection of samples is shared by every screen; query images have their own. */
import type { SampleId } from '../../contract/vocabulary.ts';

export interface ClickKeys {
  readonly shift: boolean;
  /** Ctrl, or Command on a Mac. */
  readonly control: boolean;
}

/** Read access to the ids in the order that the grid shows. */
export type OrderedIds = ArrayLike<number>;

export class Selection<Id extends number = SampleId> {
  /** Bumped on each change: a Set of 50,000 is changed in place, never copied. */
  #version = $state(0);
  readonly #selected = new Set<Id>();
  /** Index of the image the keyboard is at. */
  cursor = $state(0);
  /** Index from which a shift-range is drawn. */
  #anchor = 0;

  get size(): number {
    return this.#version >= 0 ? this.#selected.size : 0;
  }

  /** In order of selection. */
  get ids(): Id[] {
    return this.#version >= 0 ? [...this.#selected] : [];
  }

  has(id: Id): boolean {
    return this.#version >= 0 && this.#selected.has(id);
  }

  /** A plain click selects one, control toggles one, shift selects from the last one clicked to here. */
  click(index: number, ids: OrderedIds, keys: ClickKeys): void {
    if (keys.shift) this.#selectRange(index, ids, keys.control);
    else if (keys.control) this.#toggle(index, ids);
    else this.#selectOnly(index, ids);
    this.cursor = index;
    this.#version++;
  }

  /** Moves the keyboard's place; with shift the range follows, without it the new place is the selection. */
  moveTo(index: number, ids: OrderedIds, shift: boolean): void {
    if (ids.length === 0) return;
    const bounded = Math.max(0, Math.min(ids.length - 1, index));
    this.click(bounded, ids, { shift, control: false });
  }

  selectAll(ids: OrderedIds): void {
    this.#selected.clear();
    for (let index = 0; index < ids.length; index++) this.#selected.add(ids[index] as Id);
    this.#version++;
  }

  toggle(id: Id): void {
    if (!this.#selected.delete(id)) this.#selected.add(id);
    this.#version++;
  }

  /** What was drawn around: alone, besides what is selected, or taken out of it. */
  apply(ids: Iterable<Id>, how: 'only' | 'add' | 'remove'): void {
    if (how === 'only') this.#selected.clear();
    for (const id of ids) {
      if (how === 'remove') this.#selected.delete(id);
      else this.#selected.add(id);
    }
    this.#version++;
  }

  clear(): void {
    this.#selected.clear();
    this.#version++;
  }

  /** Other ids are shown now: the keyboard starts at the top, the selection stays. */
  resetCursor(): void {
    this.cursor = 0;
    this.#anchor = 0;
  }

  #selectRange(index: number, ids: OrderedIds, keepOthers: boolean): void {
    if (!keepOthers) this.#selected.clear();
    const anchor = Math.min(this.#anchor, ids.length - 1);
    const [from, to] = anchor <= index ? [anchor, index] : [index, anchor];
    for (let at = from; at <= to; at++) this.#selected.add(ids[at] as Id);
  }

  #toggle(index: number, ids: OrderedIds): void {
    const id = ids[index] as Id;
    if (!this.#selected.delete(id)) this.#selected.add(id);
    this.#anchor = index;
  }

  #selectOnly(index: number, ids: OrderedIds): void {
    this.#selected.clear();
    this.#selected.add(ids[index] as Id);
    this.#anchor = index;
  }
}
