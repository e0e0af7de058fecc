/** @file How a service is declared: names, schemas, events. Client and handler types derive from the declaration. */
import type { z } from 'zod';
import type { CancelSignal } from '../core/base/cancel-signal.ts';

export interface Call<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  readonly input: In;
  readonly output: Out;
}

export interface ServiceDeclaration {
  readonly name: string;
  readonly calls: Readonly<Record<string, Call>>;
  readonly events: Readonly<Record<string, z.ZodType>>;
}

/** Declares one call: what it takes and what it answers. */
export function call<In extends z.ZodType, Out extends z.ZodType>(input: In, output: Out): Call<In, Out> {
  return { input, output };
}

/** Declares a service. */
export function service<const S extends ServiceDeclaration>(declaration: S): S {
  return declaration;
}

export type CallInput<C extends Call> = z.input<C['input']>;
export type CallRequest<C extends Call> = z.output<C['input']>;
export type CallResult<C extends Call> = z.output<C['output']>;

/** What a server must implement: every call, with validated input and a signal that fires when the caller gives up. */
export type Handlers<S extends ServiceDeclaration> = {
  readonly [Name in keyof S['calls']]: (
    request: CallRequest<S['calls'][Name]>,
    signal: CancelSignal,
  ) => CallResult<S['calls'][Name]> | Promise<CallResult<S['calls'][Name]>>;
};

/** What a client offers: every call as a method, and `on(event, listener)` that answers how to stop listening. */
export type Client<S extends ServiceDeclaration> = {
  readonly [Name in keyof S['calls']]: (
    ...request: CallInput<S['calls'][Name]> extends undefined
      ? [request?: undefined, signal?: CancelSignal]
      : [request: CallInput<S['calls'][Name]>, signal?: CancelSignal]
  ) => Promise<CallResult<S['calls'][Name]>>;
} & {
  on<Event extends keyof S['events']>(
    event: Event,
    listener: (payload: z.output<S['events'][Event]>) => void,
  ): () => void;
};
