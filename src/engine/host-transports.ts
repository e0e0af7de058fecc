/**
 * @file How the desktop shell reaches the engine: Electron's utility process hands over MessagePorts; a plain Node child gets the
 * same conversations relayed over its IPC channel, numbered.
 */
import type { Transport } from '../contract/wire.ts';
import type { StartSelfTest } from './runtime/run-self-test.ts';
import { ownBuffers } from '../contract/codec.ts';

/** What the shell says to the engine's process itself. */
export type ShellMessage =
  | { readonly t: 'open'; readonly ch?: number }
  | { readonly t: 'msg'; readonly ch: number; readonly d: unknown }
  | { readonly t: 'close'; readonly ch: number }
  | { readonly t: 'ping' }
  | { readonly t: 'self-test-ended'; readonly id: number; readonly problem: string | null }
  | { readonly t: 'stop' };

/** A MessagePort of Electron's or of worker_threads: both have these. */
interface PortLike {
  on(event: 'message' | 'close', listener: (value: never) => void): unknown;
  postMessage(message: unknown): void;
  start?(): void;
  close(): void;
}

export interface Host {
  readonly onTransport: (transport: Transport) => void;
  readonly onStop: () => void;
}

/**
 * How a utility process of Electron starts the self-test of a provider: it cannot run another Node itself, so the shell does. Undefined
 * anywhere else.
 */
export function selfTestThroughShell(): StartSelfTest | undefined {
  const parentPort = shellPort();
  if (parentPort === undefined) return undefined;
  const waiting = new Map<number, (problem: string | null) => void>();
  let lastId = 0;
  parentPort.on('message', ({ data }: { data: ShellMessage }) => {
    if (data.t !== 'self-test-ended') return;
    waiting.get(data.id)?.(data.problem);
    waiting.delete(data.id);
  });
  return (args, patienceMs) =>
    new Promise((settle) => {
      const id = ++lastId;
      waiting.set(id, settle);
      parentPort.postMessage({ t: 'start-self-test', id, args, patienceMs });
    });
}

function shellPort(): PortLike | undefined {
  return (process as unknown as { parentPort?: PortLike }).parentPort;
}

/** Listens to whoever started this process. Answers a function that tells the shell that the engine is ready. */
export function connectToShell(host: Host): () => void {
  const parentPort = shellPort();
  return parentPort === undefined ? connectOverIpc(host) : connectOverPorts(parentPort, host);
}

function connectOverPorts(parentPort: PortLike, host: Host): () => void {
  parentPort.on('message', (event: { data: ShellMessage; ports: PortLike[] }) => {
    if (event.data.t === 'open' && event.ports[0] !== undefined)
      host.onTransport(portTransport(event.ports[0]));
    else if (event.data.t === 'ping') parentPort.postMessage({ t: 'pong' });
    else if (event.data.t === 'stop') host.onStop();
  });
  return () => parentPort.postMessage({ t: 'ready', pid: process.pid });
}

/** Electron wraps what arrives in an event; worker_threads hands it over bare. */
function portTransport(port: PortLike): Transport {
  return {
    post: (message) => port.postMessage(ownBuffers(message)),
    onMessage: (listener) => {
      port.on('message', (event: { data: unknown }) => listener(event.data));
      port.start?.();
    },
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close(),
  };
}

interface Channel {
  receive: (message: unknown) => void;
  readonly closeListeners: (() => void)[];
}

function connectOverIpc(host: Host): () => void {
  const channels = new Map<number, Channel>();
  const send = (message: object): void => {
    // A callback, because a broken pipe must not become an uncaught error while the shell goes away.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  const openChannel = (ch: number): void => {
    const channel: Channel = { receive: () => undefined, closeListeners: [] };
    channels.set(ch, channel);
    host.onTransport({
      post: (d) => send({ t: 'msg', ch, d: ownBuffers(d) }),
      onMessage: (listener) => void (channel.receive = listener),
      onClose: (listener) => void channel.closeListeners.push(listener),
      close: () => send({ t: 'close', ch }),
    });
  };
  process.on('message', (message: ShellMessage) => {
    if (message.t === 'open') openChannel(message.ch ?? 0);
    else if (message.t === 'msg') channels.get(message.ch)?.receive(message.d);
    else if (message.t === 'ping') send({ t: 'pong' });
    else if (message.t === 'stop') host.onStop();
    else if (message.t === 'close') {
      const channel = channels.get(message.ch);
      channels.delete(message.ch);
      for (const listener of channel?.closeListeners ?? []) listener();
    }
  });
  process.on('disconnect', () => host.onStop());
  return () => send({ t: 'ready', pid: process.pid });
}
