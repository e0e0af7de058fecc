/** @file A wire within one process: for the command line, which is a client like any other, and for tests. */
import type { Transport } from './wire.ts';

type Side = 'near' | 'far';

/** Two ends of one wire. Messages arrive later, in order, as they are: neither end may change what it posted. */
export function createLocalTransport(): Readonly<Record<Side, Transport>> {
  const listeners: Readonly<Record<Side, ((message: unknown) => void)[]>> = { near: [], far: [] };
  const closers: (() => void)[] = [];
  const end = (mine: Side, other: Side): Transport => ({
    post: (message) =>
      void Promise.resolve().then(() => listeners[other].forEach((listener) => listener(message))),
    onMessage: (listener) => void listeners[mine].push(listener),
    onClose: (listener) => void closers.push(listener),
    close: () => closers.splice(0).forEach((listener) => listener()),
  });
  return { near: end('near', 'far'), far: end('far', 'near') };
}
