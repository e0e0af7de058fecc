/** @file Carries messages over a loopback WebSocket, where the window is a browser tab. */
import { decodeMessage, encodeMessage } from '../../contract/codec.ts';
import type { Transport } from '../../contract/wire.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `socket` must be open and of binaryType 'arraybuffer'. */
export function createSocketTransport(socket: WebSocket): Transport {
  return {
    post(message) {
      const frame = encodeMessage(message, (text) => encoder.encode(text));
      socket.send(typeof frame === 'string' ? frame : new Uint8Array(frame));
    },
    onMessage(listener) {
      socket.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) => {
        const frame = typeof event.data === 'string' ? event.data : new Uint8Array(event.data);
        listener(decodeMessage(frame, (utf8) => decoder.decode(utf8)));
      });
    },
    onClose: (listener) => socket.addEventListener('close', listener),
    close: () => socket.close(),
  };
}
