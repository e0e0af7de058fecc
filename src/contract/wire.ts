/** @file What travels between a client and a server, whatever carries it. */
import type { ErrorCode } from '../core/base/error-catalogue.ts';
import type { ErrorDetails } from '../core/base/app-error.ts';

/** Carries plain data and typed arrays one way and the other; a MessagePort, a child's IPC channel or a WebSocket. */
export interface Transport {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

export type ToServer =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly service: string;
      readonly name: string;
      readonly request?: unknown;
    }
  | { readonly kind: 'cancel'; readonly id: number };

export type ToClient =
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | {
      readonly kind: 'failure';
      readonly id: number;
      readonly code: ErrorCode | 'cancelled';
      readonly details: ErrorDetails;
    }
  | { readonly kind: 'event'; readonly service: string; readonly event: string; readonly payload: unknown };
