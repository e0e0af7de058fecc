/** @file How this window reaches the engine: ports from the desktop shell, or a socket in served mode. Reconnects for ever. */
import type { Transport } from '../../contract/wire.ts';
import { createPortTransport } from './port-transport.ts';
import { createSocketTransport } from './socket-transport.ts';

/** What the preload script offers; absent in a browser. */
export interface DesktopBridge {
  /** Asks for fresh ports; they arrive as window messages `engine-port` and `desktop-port`. */
  requestPort(): void;
  /** Path on disk of a dropped file. */
  pathForFile?(file: File): string;
}

declare global {
  interface Window {
    readonly whenceDesktop?: DesktopBridge;
  }
}

export interface HostListener {
  onEngine(transport: Transport): void;
  onDesktop(transport: Transport): void;
}

export interface Host {
  readonly kind: 'desktop' | 'served';
  /** Starts connecting. Each time a connection is made, and made again, the listener is given a new transport. */
  connect(listener: HostListener): void;
  pathForFile(file: File): string | null;
}

const RETRY_MS = 1000;

export function createHost(): Host {
  const bridge = window.whenceDesktop;
  return bridge === undefined ? createServedHost() : createDesktopHost(bridge);
}

function createDesktopHost(bridge: DesktopBridge): Host {
  const connect = (listener: HostListener): void => {
    let engineTransport: Transport | null = null;
    const requestUntilConnected = (): void => {
      if (engineTransport !== null) return;
      bridge.requestPort();
      setTimeout(requestUntilConnected, RETRY_MS);
    };
    window.addEventListener('message', (event: MessageEvent<{ type?: string } | null>) => {
      const port = event.ports[0];
      if (event.source !== window || port === undefined) return;
      const transport = createPortTransport(port);
      if (event.data?.type === 'desktop-port') listener.onDesktop(transport);
      if (event.data?.type !== 'engine-port') return;
      engineTransport = transport;
      transport.onClose(() => {
        if (engineTransport !== transport) return; // a newer port has taken over
        engineTransport = null;
        // The shell hands over a new port by itself once the engine is up; asking is for when it does not.
        setTimeout(requestUntilConnected, RETRY_MS);
      });
      listener.onEngine(transport);
    });
    bridge.requestPort();
  };
  return { kind: 'desktop', connect, pathForFile: (file) => bridge.pathForFile?.(file) ?? null };
}

function createServedHost(): Host {
  const connect = (listener: HostListener): void => {
    const socket = new WebSocket(new URL('/ws', location.href.replace(/^http/, 'ws')));
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => listener.onEngine(createSocketTransport(socket)));
    socket.addEventListener('close', () => setTimeout(() => connect(listener), RETRY_MS));
  };
  return { kind: 'served', connect, pathForFile: () => null };
}
