/** @file What this machine can do, asked once per engine. */
import type { MachineCheck } from '../../contract/engine-service.ts';
import type { Connection } from './connection.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Machine {
  check = $state.raw<MachineCheck | null>(null);

  constructor(connection: Connection, toasts: Toasts) {
    connection.onReady((engine) => {
      void toasts
        .attempt(() => engine.engine.checkMachine())
        .then((check) => {
          this.check = check;
        });
    });
  }
}
