/** @file Serves declared services over any number of transports: an explicit table of calls, input checked where it arrives. */
import { z } from 'zod';
import { AppError, CancelledError, type ErrorDetails } from '../core/base/app-error.ts';
import { Cancellation, type CancelSignal } from '../core/base/cancel-signal.ts';
import type { ErrorCode } from '../core/base/error-catalogue.ts';
import type { Services } from './client.ts';
import type { Call, Handlers } from './service.ts';
import type { ToClient, ToServer, Transport } from './wire.ts';

export type HandlersOf<S extends Services> = { readonly [Name in keyof S]: Handlers<S[Name]> };

export interface ServerOptions {
  /** Also check what handlers answer; for tests and development. */
  readonly checkResults?: boolean;
  /** Told of every error that is not expected, with a reference that the person sees too. */
  readonly onBug?: (error: unknown, call: string) => void;
}

export interface Server {
  attach(transport: Transport): void;
  emit(service: string, event: string, payload: unknown): void;
}

interface Entry {
  readonly call: Call;
  readonly handle: (request: unknown, signal: CancelSignal) => unknown;
}

/** Builds the server. Only names found in the declarations can be called. */
export function createServer<S extends Services>(
  services: S,
  handlers: HandlersOf<S>,
  options: ServerOptions = {},
): Server {
  const table = callTable(services, handlers);
  const transports = new Set<Transport>();

  const answer = async (
    message: Extract<ToServer, { kind: 'call' }>,
    signal: CancelSignal,
  ): Promise<ToClient> => {
    const name = `${message.service}.${message.name}`;
    try {
      const result = await dispatch(
        table.get(name),
        name,
        message.request,
        signal,
        options.checkResults === true,
      );
      return { kind: 'result', id: message.id, result };
    } catch (error) {
      if (!(error instanceof AppError) && !(error instanceof CancelledError)) options.onBug?.(error, name);
      return { kind: 'failure', id: message.id, ...describeFailure(error) };
    }
  };

  return {
    attach(transport) {
      transports.add(transport);
      const open = new Map<number, Cancellation>();
      transport.onClose(() => {
        transports.delete(transport);
        for (const cancellation of open.values()) cancellation.cancel();
      });
      transport.onMessage((raw) => {
        const message = raw as ToServer;
        if (message.kind === 'cancel') {
          open.get(message.id)?.cancel();
          return;
        }
        const cancellation = new Cancellation();
        open.set(message.id, cancellation);
        void answer(message, cancellation.signal).then((reply) => {
          open.delete(message.id);
          if (transports.has(transport)) transport.post(reply);
        });
      });
    },
    emit(service, event, payload) {
      const message: ToClient = { kind: 'event', service, event, payload };
      for (const transport of transports) transport.post(message);
    },
  };
}

/** What crosses the wall for any thrown value: the code and details of an expected error, `internal` for a bug. */
export function describeFailure(error: unknown): { code: ErrorCode | 'cancelled'; details: ErrorDetails } {
  if (error instanceof AppError) return { code: error.code, details: error.details };
  if (error instanceof CancelledError) return { code: 'cancelled', details: {} };
  return { code: 'internal', details: { reason: error instanceof Error ? error.message : String(error) } };
}

function callTable<S extends Services>(services: S, handlers: HandlersOf<S>): ReadonlyMap<string, Entry> {
  const table = new Map<string, Entry>();
  for (const [key, declaration] of Object.entries(services)) {
    const serviceHandlers = handlers[key] as Readonly<Record<string, Entry['handle']>>;
    for (const [name, call] of Object.entries(declaration.calls)) {
      const handle = serviceHandlers[name];
      if (handle === undefined) throw new Error(`internal: no handler for ${declaration.name}.${name}`);
      table.set(`${declaration.name}.${name}`, { call, handle });
    }
  }
  return table;
}

async function dispatch(
  entry: Entry | undefined,
  name: string,
  request: unknown,
  signal: CancelSignal,
  checkResult: boolean,
): Promise<unknown> {
  if (entry === undefined) throw new AppError('call-unknown', { name });
  const parsed = entry.call.input.safeParse(request);
  if (!parsed.success) throw new AppError('call-invalid', { name, reason: z.prettifyError(parsed.error) });
  const result = await entry.handle(parsed.data, signal);
  return checkResult ? entry.call.output.parse(result) : result;
}
