/** @file Asking the engine when something has changed: never again because of what the answer changed. */
import { untrack } from 'svelte';

/** Nothing, or what is called before the next time and at the end. */
type Ended = ReturnType<Parameters<typeof $effect>[0]>;

/**
 * Runs `act` at once and whenever what `read` gives is another value. Only `read` is followed: what `act` reads or changes does not start
 * it again, as it would in a bare effect.
 */
export function whenChanged<Value>(read: () => Value, act: (value: Value) => Ended): void {
  const value = $derived(read());
  $effect(() => {
    const changed = value;
    return untrack(() => act(changed));
  });
}
