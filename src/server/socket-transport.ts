/** @file A WebSocket as a transport. */
import type { WebSocket } from 'ws';
import { decodeMessage, encodeMessage } from '../contract/codec.ts';
import type { Transport } from '../contract/wire.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function socketTransport(socket: WebSocket): Transport {
  socket.binaryType = 'nodebuffer';
  return {
    post: (message) => socket.send(encodeMessage(message, (text) => encoder.encode(text))),
    onMessage: (listener) =>
      void socket.on('message', (data: Buffer, isBinary) =>
        listener(decodeMessage(isBinary ? data : data.toString('utf8'), (utf8) => decoder.decode(utf8))),
      ),
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(),
  };
}
