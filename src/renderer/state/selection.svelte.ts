/** @file Which images are selected, and where the keyboard stands. One selection of samples is shared by every screen; query images have their own. */
import { TypedFastBitSet } from 'typedfastbitset';
import { packSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { SampleId } from '../../contract/vocabulary.ts';

export interface ClickKeys {
  readonly shift: boolean;
  /** Ctrl, or Command on a Mac. */
  readonly control: boolean;
}

/** Read access to the ids in the order that the grid shows. */
export type OrderedIds = ArrayLike<number>;

export class Selection<Id extends number = SampleId> {
  /** Bumped on each change: a bitmap of a million images is changed in place, never copied. */
  #version = $state(0);
  readonly #selected = new TypedFastBitSet();
  readonly #size = $derived.by(() => (this.#version >= 0 ? this.#selected.size() : 0));
  /** Index of the image the keyboard is at. */
  cursor = $state(0);
  /** Index from which a shift-range is drawn. */
  #anchor = 0;

  get size(): number {
    return this.#size;
  }

  /** In rising order: for a few hundred. Many cross to the engine as `images`. */
  get ids(): Id[] {
    return this.#version >= 0 ? (this.#selected.array() as Id[]) : [];
  }

  /** The smallest id; null where nothing is selected. */
  get first(): Id | null {
    if (this.#version < 0) return null;
    for (const id of this.#selected) return id as Id;
    return null;
  }

  /** As it crosses to the engine. */
  get images(): SampleSet {
    void this.#version;
    return packSamples(this.#selected);
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
    for (let index = 0; index < ids.length; index++) this.#selected.add(ids[index]!);
    this.#version++;
  }

  toggle(id: Id): void {
    this.#selected.flip(id);
    this.#version++;
  }

  /** What was drawn around: alone, besides what is selected, or taken out of it. */
  apply(ids: Iterable<Id>, how: 'only' | 'add' | 'remove'): void {
    if (how === 'only') this.#selected.clear();
    for (const id of ids) {
      if (how === 'remove') this.#selected.remove(id);
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
    for (let at = from; at <= to; at++) this.#selected.add(ids[at]!);
  }

  #toggle(index: number, ids: OrderedIds): void {
    this.#selected.flip(ids[index]!);
    this.#anchor = index;
  }

  #selectOnly(index: number, ids: OrderedIds): void {
    this.#selected.clear();
    this.#selected.add(ids[index]!);
    this.#anchor = index;
  }
}
