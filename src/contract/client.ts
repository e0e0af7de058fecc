/** @file A client of the declared services over any transport. */
import { AppError, CancelledError } from '../core/base/app-error.ts';
import type { CancelSignal } from '../core/base/cancel-signal.ts';
import { errorCatalogue } from '../core/base/error-catalogue.ts';
import type { Client, ServiceDeclaration } from './service.ts';
import type { ToClient, ToServer, Transport } from './wire.ts';

export type Services = Readonly<Record<string, ServiceDeclaration>>;
export type Clients<S extends Services> = { readonly [Name in keyof S]: Client<S[Name]> };

type Listener = (payload: unknown) => void;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Makes one client object per service. After the transport closes, every open and later call fails with `connection-closed`. */
export function createClient<S extends Services>(services: S, transport: Transport): Clients<S> {
  const connection = new ClientConnection(transport);
  const clients: Record<string, unknown> = {};
  for (const [key, declaration] of Object.entries(services)) {
    const methods: Record<string, unknown> = {
      on: (event: string, listener: Listener) => connection.listen(declaration.name, event, listener),
    };
    for (const name of Object.keys(declaration.calls)) {
      methods[name] = (request?: unknown, signal?: CancelSignal) =>
        connection.call(declaration.name, name, request, signal);
    }
    clients[key] = methods;
  }
  return clients as Clients<S>;
}

class ClientConnection {
  readonly #transport: Transport;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #nextId = 1;
  #closed = false;

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.onMessage((message) => this.#receive(message as ToClient));
    transport.onClose(() => this.#close());
  }

  call(service: string, name: string, request: unknown, signal: CancelSignal | undefined): Promise<unknown> {
    if (this.#closed) return Promise.reject(new AppError('connection-closed'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#post({ kind: 'call', id, service, name, request });
      signal?.addEventListener('abort', () => this.#cancel(id), { once: true });
    });
  }

  listen(service: string, event: string, listener: Listener): () => void {
    const key = `${service}.${event}`;
    const listeners = this.#listeners.get(key) ?? new Set<Listener>();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  #cancel(id: number): void {
    if (this.#pending.has(id)) this.#post({ kind: 'cancel', id });
  }

  #post(message: ToServer): void {
    this.#transport.post(message);
  }

  #receive(message: ToClient): void {
    if (message.kind === 'event') {
      for (const listener of this.#listeners.get(`${message.service}.${message.event}`) ?? [])
        listener(message.payload);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    this.#pending.delete(message.id);
    if (message.kind === 'result') pending.resolve(message.result);
    else pending.reject(rebuildError(message));
  }

  #close(): void {
    this.#closed = true;
    for (const pending of this.#pending.values()) pending.reject(new AppError('connection-closed'));
    this.#pending.clear();
  }
}

function rebuildError(failure: Extract<ToClient, { kind: 'failure' }>): Error {
  if (failure.code === 'cancelled') return new CancelledError();
  if (!Object.hasOwn(errorCatalogue, failure.code)) return new AppError('internal', { reason: failure.code });
  return new AppError(failure.code, failure.details);
}
