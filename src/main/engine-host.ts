/** @file The process that the engine runs in, whichever kind it is. */
import type { MessagePortMain } from 'electron';

export interface EngineHost {
  readonly pid: number | undefined;
  /** Gives the engine one more conversation. */
  attach(port: MessagePortMain): void;
  /** Asks for a sign of life. */
  ping(): void;
  /** Asks the engine to finish and leave. */
  stop(): void;
  kill(): void;
}

/** What a host reports. `onExit` comes once, last. */
export interface EngineHostListener {
  onReady(): void;
  onPong(): void;
  onLog(text: string): void;
  /** `reason`: an exit code or a signal's name. */
  onExit(reason: string): void;
}

export interface EngineProgram {
  readonly entry: string;
  readonly args: readonly string[];
}

/** What the engine says to the shell itself, beside the conversations. */
export type EngineMessage =
  | { readonly t: 'ready'; readonly pid: number }
  | { readonly t: 'pong' }
  /** From a utility process, which cannot start another Node: please run the self-test's program. */
  | {
      readonly t: 'start-self-test';
      readonly id: number;
      readonly args: readonly string[];
      readonly patienceMs: number;
    }
  | { readonly t: 'msg'; readonly ch: number; readonly d: unknown }
  | { readonly t: 'close'; readonly ch: number };
