/** @file The engine's life: start, heartbeat, restart with growing waits, orderly stop. */
import { EventEmitter } from 'node:events';
import type { MessagePortMain } from 'electron';
import { startChildHost } from './child-host.ts';
import type { EngineHost, EngineHostListener, EngineProgram } from './engine-host.ts';
import { RestartPolicy } from './restart-policy.ts';
import { startUtilityHost } from './utility-host.ts';

/** better-sqlite3 needs Node-API 10. */
const requiredNodeApi = 10;
const beatMs = 5_000;
/** Beats without an answer, not elapsed time: a sleeping laptop misses none. */
const missedBeatsLimit = 12;
const stopPatienceMs = 12_000;

interface EngineProcessEvents {
  ready: [];
  /** The engine stopped; it is being started again. */
  restarting: [reason: string];
  /** The engine keeps stopping; only `restart` starts it again. */
  failed: [reason: string];
  log: [text: string];
}

export class EngineProcess extends EventEmitter<EngineProcessEvents> {
  readonly #program: EngineProgram;
  readonly #policy = new RestartPolicy();
  #host: EngineHost | null = null;
  #ready = false;
  #stopping = false;
  #missedBeats = 0;
  #beat: NodeJS.Timeout | undefined;
  #onceGone: (() => void) | undefined;

  constructor(program: EngineProgram) {
    super();
    this.#program = program;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  start(): void {
    this.#missedBeats = 0;
    this.#host = startHost(this.#program, this.#listener());
    this.#beat = setInterval(() => this.#checkLife(), beatMs);
  }

  /** Starts an engine that was given up. */
  restart(): void {
    this.#policy.forgive();
    if (this.#host === null) this.start();
  }

  /** One more conversation with the running engine; the port is closed where there is none. */
  attach(port: MessagePortMain): void {
    if (this.#host !== null && this.#ready) this.#host.attach(port);
    else port.close();
  }

  /** Lets the engine finish what it is writing; kills it where it takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const host = this.#host;
    if (host === null) return;
    const gone = new Promise<void>((resolve) => (this.#onceGone = resolve));
    const impatience = setTimeout(() => host.kill(), stopPatienceMs);
    host.stop();
    await gone;
    clearTimeout(impatience);
  }

  #listener(): EngineHostListener {
    return {
      onReady: () => {
        this.#ready = true;
        this.emit('log', `engine ready, process ${String(this.#host?.pid)}\n`);
        this.emit('ready');
      },
      onPong: () => (this.#missedBeats = 0),
      onLog: (text) => this.emit('log', text),
      onExit: (reason) => this.#exited(reason),
    };
  }

  #exited(reason: string): void {
    clearInterval(this.#beat);
    this.#host = null;
    this.#ready = false;
    this.#onceGone?.();
    if (this.#stopping) return;
    this.emit('log', `engine stopped: ${reason}\n`);
    const delayMs = this.#policy.delayAfterExit(Date.now());
    if (delayMs === null) {
      this.emit('failed', reason);
      return;
    }
    this.emit('restarting', reason);
    setTimeout(() => {
      if (!this.#stopping) this.start();
    }, delayMs);
  }

  #checkLife(): void {
    if (!this.#ready) return;
    if (this.#missedBeats >= missedBeatsLimit) {
      this.emit('log', 'engine does not answer; it is started again\n');
      this.#host?.kill();
      return;
    }
    this.#missedBeats++;
    this.#host?.ping();
  }
}

function startHost(program: EngineProgram, listener: EngineHostListener): EngineHost {
  if (Number(process.versions['napi']) >= requiredNodeApi) return startUtilityHost(program, listener);
  const node = process.env['WHENCE_NODE'];
  if (node === undefined)
    throw new Error('internal: this Electron is too old for the engine, and WHENCE_NODE names no Node 24');
  return startChildHost(node, program, listener);
}
