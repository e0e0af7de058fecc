/** @file Carries messages over a DOM MessagePort, which the desktop shell hands to this window. */
import type { Transport } from '../../contract/wire.ts';

export function createPortTransport(port: MessagePort): Transport {
  return {
    post: (message) => port.postMessage(message),
    onMessage(listener) {
      port.addEventListener('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => port.addEventListener('close', listener),
    close: () => port.close(),
  };
}
