/** @file What work needs to know of an AbortSignal, which is not part of the language and so not known to core. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A cancel signal and the switch that fires it, once. */
export class Cancellation {
  readonly #listeners = new Set<() => void>();
  #aborted = false;

  readonly signal: CancelSignal = (() => {
    const isAborted = (): boolean => this.#aborted;
    return {
      get aborted() {
        return isAborted();
      },
      addEventListener: (_type: 'abort', listener: () => void) => void this.#listeners.add(listener),
      removeEventListener: (_type: 'abort', listener: () => void) => void this.#listeners.delete(listener),
    };
  })();

  cancel(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
