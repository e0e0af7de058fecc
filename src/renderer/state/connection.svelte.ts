/** @file The link to the engine and to the desktop shell. After an engine restart every state class re-reads what it shows. */
import { createClient, type Clients } from '../../contract/client.ts';
import { desktop } from '../../contract/desktop-service.ts';
import { engineServices, type EngineServices } from '../../contract/services.ts';
import type { Transport } from '../../contract/wire.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { Host } from '../host/host.ts';

export type EngineClients = Clients<EngineServices>;
const desktopServices = { desktop } as const;
export type DesktopClient = Clients<typeof desktopServices>['desktop'];

export type ConnectionStatus = 'connecting' | 'ready' | 'lost';

export class Connection {
  status = $state<ConnectionStatus>('connecting');
  /** How often the engine was lost and found again. */
  restartCount = $state(0);
  desktop = $state.raw<DesktopClient | null>(null);
  readonly #host: Host;
  #engine = $state.raw<EngineClients | null>(null);
  readonly #readyListeners: ((engine: EngineClients) => void)[] = [];
  readonly #desktopListeners: ((desktop: DesktopClient) => void)[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  get isDesktop(): boolean {
    return this.#host.kind === 'desktop';
  }

  /** The services of the engine. Throws the expected error while there is no engine. */
  get engine(): EngineClients {
    if (this.#engine === null) throw new AppError('connection-closed');
    return this.#engine;
  }

  /** Called with fresh clients each time the engine is reached: subscribe to events and read again here. */
  onReady(listener: (engine: EngineClients) => void): void {
    this.#readyListeners.push(listener);
  }

  /** Called once the desktop shell is reached; never in a browser. */
  onDesktop(listener: (desktop: DesktopClient) => void): void {
    this.#desktopListeners.push(listener);
  }

  connect(): void {
    this.#host.connect({
      onEngine: (transport) => this.#attach(transport),
      onDesktop: (transport) => {
        const { desktop } = createClient(desktopServices, transport);
        this.desktop = desktop;
        for (const listener of this.#desktopListeners) listener(desktop);
      },
    });
  }

  pathForFile(file: File): string | null {
    return this.#host.pathForFile(file);
  }

  #attach(transport: Transport): void {
    const engine = createClient(engineServices, transport);
    this.#engine = engine;
    if (this.status === 'lost') this.restartCount++;
    this.status = 'ready';
    transport.onClose(() => {
      if (this.#engine !== engine) return;
      this.#engine = null;
      this.status = 'lost';
    });
    for (const listener of this.#readyListeners) listener(engine);
  }
}
