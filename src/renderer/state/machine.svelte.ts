/** @file What this machine can do, asked once per engine, and whether its providers compute the same as the CPU. */
import type { MachineCheck, ProviderName, ProviderVerdict } from '../../contract/engine-service.ts';
import type { Connection } from './connection.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Machine {
  check = $state.raw<MachineCheck | null>(null);
  /** Of those that were tested since the window opened. */
  verdicts = $state.raw<Readonly<Partial<Record<ProviderName, ProviderVerdict>>>>({});
  /** The one that is tested now; a test may take a minute. */
  testing = $state<ProviderName | null>(null);
  readonly #connection: Connection;
  readonly #toasts: Toasts;

  constructor(connection: Connection, toasts: Toasts) {
    this.#connection = connection;
    this.#toasts = toasts;
    connection.onReady((engine) => {
      void toasts
        .attempt(() => engine.engine.checkMachine())
        .then((check) => {
          this.check = check;
        });
    });
  }

  async test(provider: ProviderName): Promise<void> {
    this.testing = provider;
    const verdict = await this.#toasts.attempt(() =>
      this.#connection.engine.engine.testProvider({ provider }),
    );
    this.testing = null;
    if (verdict !== null) this.verdicts = { ...this.verdicts, [provider]: verdict };
  }
}
