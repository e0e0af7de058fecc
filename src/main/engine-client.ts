/** @file The shell's own conversation with the engine: for pictures, and to open a project that the system asks for. */
import { MessageChannelMain, type MessagePortMain } from 'electron';
import { AppError } from '../core/base/app-error.ts';
import { createClient, type Clients } from '../contract/client.ts';
import { engineServices, type EngineServices } from '../contract/services.ts';
import type { Transport } from '../contract/wire.ts';
import type { EngineProcess } from './engine-process.ts';

export class EngineClient {
  #clients: Clients<EngineServices> | null = null;
  #waiting: ((clients: Clients<EngineServices>) => void)[] = [];

  constructor(engine: EngineProcess) {
    engine.on('ready', () => this.#connect(engine));
    engine.on('restarting', () => (this.#clients = null));
    engine.on('failed', () => (this.#clients = null));
  }

  /** The services of the running engine. */
  get now(): Clients<EngineServices> {
    if (this.#clients === null) throw new AppError('connection-closed');
    return this.#clients;
  }

  /** The services as soon as the engine runs. */
  whenReady(): Promise<Clients<EngineServices>> {
    if (this.#clients !== null) return Promise.resolve(this.#clients);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #connect(engine: EngineProcess): void {
    const { port1, port2 } = new MessageChannelMain();
    engine.attach(port2);
    const clients = createClient(engineServices, mainPortTransport(port1));
    this.#clients = clients;
    for (const resolve of this.#waiting) resolve(clients);
    this.#waiting = [];
  }
}

/** A port of Electron's main process as a transport. */
export function mainPortTransport(port: MessagePortMain): Transport {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', ({ data }) => listener(data as unknown));
      port.start();
    },
    onClose: (listener) => void port.on('close', listener),
    close: () => port.close(),
  };
}
