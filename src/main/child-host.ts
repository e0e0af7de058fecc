/**
 * @file The engine as a child of plain Node, for an Electron whose own Node is too old for the engine's native packages.
 * Ports cannot be handed to such a child, so each is relayed over the IPC channel under a number.
 */
import { fork, type ChildProcess } from 'node:child_process';
import type { MessagePortMain } from 'electron';
import { ownBuffers } from '../contract/codec.ts';
import type { EngineHost, EngineHostListener, EngineMessage, EngineProgram } from './engine-host.ts';

export function startChildHost(
  node: string,
  program: EngineProgram,
  listener: EngineHostListener,
): EngineHost {
  const child = fork(program.entry, [...program.args], {
    execPath: node,
    execArgv: [],
    serialization: 'advanced',
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const relay = new PortRelay(child);
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => listener.onLog(data.toString()));
  child.on('message', (message: EngineMessage) => {
    if (message.t === 'ready') listener.onReady();
    else if (message.t === 'pong') listener.onPong();
    // A child of plain Node starts the self-test itself.
    else if (message.t !== 'start-self-test') relay.receive(message);
  });
  child.once('error', (error) => listener.onLog(error.message));
  child.once('close', (code, signal) => {
    relay.close();
    listener.onExit(signal ?? `code ${String(code)}`);
  });
  return {
    get pid() {
      return child.pid;
    },
    attach: (port) => relay.open(port),
    ping: () => relay.send({ t: 'ping' }),
    stop: () => relay.send({ t: 'stop' }),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Variables that would make the child another Electron, or load what was meant for this one. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  delete env['ELECTRON_RUN_AS_NODE'];
  delete env['NODE_OPTIONS'];
  return env;
}

class PortRelay {
  readonly #child: ChildProcess;
  readonly #ports = new Map<number, MessagePortMain>();
  #lastChannel = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** The callback keeps a broken pipe, when the engine has just gone, from becoming an uncaught error. */
  send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  open(port: MessagePortMain): void {
    const ch = ++this.#lastChannel;
    this.#ports.set(ch, port);
    this.send({ t: 'open', ch });
    port.on('message', ({ data }) => this.send({ t: 'msg', ch, d: data as unknown }));
    port.on('close', () => {
      this.#ports.delete(ch);
      this.send({ t: 'close', ch });
    });
    port.start();
  }

  receive(message: Extract<EngineMessage, { ch: number }>): void {
    const port = this.#ports.get(message.ch);
    if (message.t === 'close') port?.close();
    else port?.postMessage(ownBuffers(message.d));
  }

  close(): void {
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
  }
}
