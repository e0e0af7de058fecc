/** @file What the window tells the person in passing: failures with their next step, and confirmations. */
import { AppError, CancelledError } from '../../core/base/app-error.ts';
import { translateSaid } from '../texts/translate.svelte.ts';

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'error';
  readonly text: string;
  readonly action: ToastAction | null;
}

const INFO_MS = 3500;
const ERROR_MS = 12_000;
const MAXIMUM_SHOWN = 4;

export class Toasts {
  shown = $state.raw<readonly Toast[]>([]);
  #nextId = 1;

  info(text: string, action: ToastAction | null = null): void {
    this.#show('info', text, action, INFO_MS);
  }

  /** Shows an expected failure as it is worded; anything else as a bug. Cancelled work is not a failure. */
  error(error: unknown, action: ToastAction | null = null): void {
    if (error instanceof CancelledError) return;
    // The connection banner already says this, for as long as it lasts.
    if (error instanceof AppError && error.code === 'connection-closed') return;
    const expected = error instanceof AppError;
    if (!expected) console.error(error);
    const text = expected
      ? error.message
      : new AppError('internal', { reason: error instanceof Error ? error.message : String(error) }).message;
    this.failure(text, action);
  }

  /** A failure that is already worded for a person. */
  failure(text: string, action: ToastAction | null = null): void {
    this.#show('error', translateSaid(text), action, ERROR_MS);
  }

  /** Runs `work`; a failure is shown and answered as null. */
  async attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.error(error);
      return null;
    }
  }

  dismiss(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id);
  }

  #show(tone: Toast['tone'], text: string, action: ToastAction | null, lifeMs: number): void {
    const toast: Toast = { id: this.#nextId++, tone, text, action };
    const others = this.shown.filter((other) => other.text !== text);
    this.shown = [...others.slice(1 - MAXIMUM_SHOWN), toast];
    setTimeout(() => this.dismiss(toast.id), lifeMs);
  }
}
