/** @file Things that are costly to open, kept while they are in use; the one used least recently gives way. */
export class LruCache<Value extends Promise<unknown>> {
  readonly #size: number;
  /** Insertion order is order of use. */
  readonly #held = new Map<string, Value>();

  constructor(size: number) {
    this.#size = size;
  }

  /** What could not be opened is not kept. */
  get(key: string, open: () => Value): Value {
    const value = this.#held.get(key) ?? open();
    this.#held.delete(key);
    this.#held.set(key, value);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.#size) break;
      this.#held.delete(oldest);
    }
    value.catch(() => this.#held.delete(key));
    return value;
  }
}
