/** @file A WebSocket as a transport. */
import type { WebSocket } from 'ws';
import { decodeMessage, encodeMessage } from '../contract/codec.ts';
import type { Transport } from '../contract/wire.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Status of a socket that is closed because of what came: 'invalid frame payload data' (RFC 6455). */
const NO_MESSAGE = 1007;

export function socketTransport(socket: WebSocket): Transport {
  socket.binaryType = 'nodebuffer';
  return {
    post: (message) => socket.send(encodeMessage(message, (text) => encoder.encode(text))),
    onMessage: (listener) =>
      void socket.on('message', (data: Buffer, isBinary) => {
        const message = decoded(data, isBinary);
        if (message === undefined) socket.close(NO_MESSAGE);
        else listener(message);
      }),
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(),
  };
}

/** undefined: it is no message. Whoever sent it loses the connection; the others keep the server. */
function decoded(data: Buffer, isBinary: boolean): unknown {
  try {
    return decodeMessage(isBinary ? data : data.toString('utf8'), (utf8) => decoder.decode(utf8));
  } catch {
    return undefined;
  }
}
