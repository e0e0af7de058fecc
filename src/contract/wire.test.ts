import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError, CancelledError } from '../core/base/app-error.ts';
import { Cancellation } from '../core/base/cancel-signal.ts';
import { createClient } from './client.ts';
import { decodeMessage, encodeMessage, ownBuffers } from './codec.ts';
import { createLocalTransport } from './local-transport.ts';
import { createServer } from './server.ts';
import { call, service } from './service.ts';

const arithmetic = service({
  name: 'arithmetic',
  calls: {
    double: call(z.object({ x: z.number() }), z.number()),
    wait: call(z.undefined(), z.null()),
    fail: call(z.object({ how: z.enum(['expected', 'bug']) }), z.null()),
  },
  events: { tick: z.object({ count: z.number() }) },
});

function connect() {
  const bugs: string[] = [];
  const server = createServer(
    { arithmetic },
    {
      arithmetic: {
        double: ({ x }) => 2 * x,
        wait: (_request, signal) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(new CancelledError())),
          ),
        fail: ({ how }) => {
          throw how === 'expected'
            ? new AppError('project-not-found', { path: '/p' })
            : new TypeError('oops');
        },
      },
    },
    { checkResults: true, onBug: (_error, name) => bugs.push(name) },
  );
  const wire = createLocalTransport();
  server.attach(wire.far);
  return { client: createClient({ arithmetic }, wire.near).arithmetic, server, wire, bugs };
}

describe('client and server over a wire', () => {
  it('answers a call', async () => {
    expect(await connect().client.double({ x: 21 })).toBe(42);
  });

  it('refuses input that the schema does not accept, naming the call', async () => {
    const wrong = { x: 'two' } as unknown as { x: number };
    await expect(connect().client.double(wrong)).rejects.toMatchObject({ code: 'call-invalid' });
  });

  it('rebuilds an expected error with its code and text', async () => {
    const error = await connect()
      .client.fail({ how: 'expected' })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('project-not-found');
    expect((error as AppError).message).toContain('/p');
  });

  it('reports a bug as internal and tells the log', async () => {
    const { client, bugs } = connect();
    await expect(client.fail({ how: 'bug' })).rejects.toMatchObject({ code: 'internal' });
    expect(bugs).toEqual(['arithmetic.fail']);
  });

  it('carries a cancel to the handler', async () => {
    const cancellation = new Cancellation();
    const waiting = connect().client.wait(undefined, cancellation.signal);
    cancellation.cancel();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
  });

  it('fails open and later calls when the wire closes', async () => {
    const { client, wire } = connect();
    const waiting = client.wait();
    wire.near.close();
    await expect(waiting).rejects.toMatchObject({ code: 'connection-closed' });
    await expect(client.double({ x: 1 })).rejects.toMatchObject({ code: 'connection-closed' });
  });

  it('delivers events until the listener leaves', async () => {
    const { client, server } = connect();
    const seen: number[] = [];
    const leave = client.on('tick', ({ count }) => seen.push(count));
    server.emit('arithmetic', 'tick', { count: 1 });
    await Promise.resolve();
    leave();
    server.emit('arithmetic', 'tick', { count: 2 });
    await Promise.resolve();
    expect(seen).toEqual([1]);
  });

  it('calls nothing that is not declared', async () => {
    const { wire } = connect();
    const replies: unknown[] = [];
    wire.near.onMessage((message) => replies.push(message));
    wire.near.post({ kind: 'call', id: 9, service: 'arithmetic', name: 'constructor', request: {} });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(replies).toMatchObject([{ kind: 'failure', id: 9, code: 'call-unknown' }]);
  });
});

describe('message codec', () => {
  const encode = (message: unknown) => encodeMessage(message, (text) => new TextEncoder().encode(text));
  const decode = (frame: string | Uint8Array) =>
    decodeMessage(frame, (utf8) => new TextDecoder().decode(utf8));

  it('reads a frame wherever it lies in a pool, as sockets hand it over', () => {
    const frame = encode({ ids: Uint32Array.from([1, 2, 70]) }) as Uint8Array;
    for (let offset = 0; offset < 8; offset++) {
      const pool = Buffer.alloc(frame.length + 8);
      pool.set(frame, offset);
      expect(decode(pool.subarray(offset, offset + frame.length))).toEqual({
        ids: Uint32Array.from([1, 2, 70]),
      });
    }
  });

  it('returns any tree of JSON values and typed arrays unchanged', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.int32Array(),
      fc.float32Array({ noNaN: true }),
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1 }), tie('node'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (message) => {
        fc.pre(!JSON.stringify(message).includes('__proto__'));
        expect(decode(encode(message))).toEqual(message);
      }),
    );
  });

  it('reads frames at any byte offset', () => {
    const frame = encode({ pixels: Float32Array.of(1, 2, 3) }) as Uint8Array;
    const shifted = new Uint8Array(frame.length + 3);
    shifted.set(frame, 3);
    expect(decode(shifted.subarray(3))).toEqual({ pixels: Float32Array.of(1, 2, 3) });
  });

  it('gives views of a larger buffer a buffer of their own', () => {
    const pool = new Uint8Array(1000);
    const { view } = ownBuffers({ view: pool.subarray(10, 14) }) as { view: Uint8Array };
    expect(view.buffer.byteLength).toBe(4);
  });

  it('keeps an array that has a buffer of its own', () => {
    const ids = Int32Array.of(3, 1, 2);
    expect((ownBuffers({ page: { ids } }) as { page: { ids: unknown } }).page.ids).toBe(ids);
  });
});
