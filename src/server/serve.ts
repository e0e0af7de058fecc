/**
 * @file Served mode: the same window in a browser. Loopback only; the printed address carries a token that is swapped for a
 * cookie; the WebSocket wants that cookie, a known Host (against DNS rebinding) and its own origin.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { contentTypes, pageHeaders } from '../contract/page-policy.ts';
import { createServer } from '../contract/server.ts';
import { engineServices } from '../contract/services.ts';
import type { Engine } from '../engine/create-engine.ts';
import { logBug } from '../engine/log.ts';
import { answerAsset } from './asset-route.ts';
import { socketTransport } from './socket-transport.ts';

export interface ServeOptions {
  /** 0: any free port. */
  readonly port: number;
  /** The built renderer. */
  readonly rendererPath: string;
}

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `engine` on 127.0.0.1 until closed. The engine stays the caller's. */
export async function serve(engine: Engine, options: ServeOptions): Promise<Served> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer(engineServices, engine.handlers, { onBug: logBug });
  const stopListening = engine.onEvent((service, event, payload) => server.emit(service, event, payload));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 << 20, perMessageDeflate: false });
  const listener = http.createServer();
  const gate = new Gate(token, () => (listener.address() as AddressInfo).port);

  listener.on('request', (request, response) => {
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
    void answer(request, response, { gate, engine, rendererPath: options.rendererPath }).catch(
      (error: unknown) => {
        logBug(error, `GET ${request.url ?? ''}`);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      },
    );
  });
  listener.on('upgrade', (request, socket: Duplex, head) => {
    if (request.url !== '/ws' || !gate.admitsSocket(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => server.attach(socketTransport(webSocket)));
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/?token=${token}`,
    close: async () => {
      stopListening();
      for (const client of sockets.clients) client.terminate();
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** Who may come in. */
class Gate {
  readonly #token: string;
  readonly #port: () => number;

  constructor(token: string, port: () => number) {
    this.#token = token;
    this.#port = port;
  }

  /** Cookies are shared by all ports of a host, so the port is part of the name. */
  get cookieName(): string {
    return `whence-${this.#port()}`;
  }

  matches(candidate: string | null | undefined): boolean {
    const given = Buffer.from(candidate ?? '');
    const wanted = Buffer.from(this.#token);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  hasKnownHost(request: http.IncomingMessage): boolean {
    return [`127.0.0.1:${this.#port()}`, `localhost:${this.#port()}`].includes(request.headers.host ?? '');
  }

  hasCookie(request: http.IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? '').split(/;\s*/);
    const mine = cookies.find((cookie) => cookie.startsWith(`${this.cookieName}=`));
    return this.matches(mine?.slice(this.cookieName.length + 1));
  }

  admitsSocket(request: http.IncomingMessage): boolean {
    return (
      this.hasKnownHost(request) &&
      this.hasCookie(request) &&
      request.headers.origin === `http://${request.headers.host ?? ''}`
    );
  }
}

interface Site {
  readonly gate: Gate;
  readonly engine: Engine;
  readonly rendererPath: string;
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  site: Site,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://local');
  if (!site.gate.hasKnownHost(request)) {
    response.writeHead(403).end('unknown host');
    return;
  }
  if (url.pathname === '/' && url.searchParams.has('token')) {
    exchangeToken(url, response, site.gate);
    return;
  }
  if (!site.gate.hasCookie(request)) {
    response
      .writeHead(401, { 'Content-Type': 'text/plain' })
      .end('Open the address that `whence serve` printed.');
    return;
  }
  if (await answerAsset(url, response, site.engine)) return;
  await answerFile(url.pathname, response, site.rendererPath);
}

function exchangeToken(url: URL, response: http.ServerResponse, gate: Gate): void {
  const token = url.searchParams.get('token');
  if (!gate.matches(token)) {
    response.writeHead(403).end('forbidden');
    return;
  }
  const cookie = `${gate.cookieName}=${token ?? ''}; HttpOnly; SameSite=Lax; Path=/`;
  response.writeHead(302, { 'Set-Cookie': cookie, Location: '/' }).end();
}

async function answerFile(pathname: string, response: http.ServerResponse, root: string): Promise<void> {
  const file = path.join(
    root,
    path.normalize(pathname === '/' ? '/index.html' : decodeURIComponent(pathname)),
  );
  const found = file.startsWith(root + path.sep) ? await stat(file).catch(() => null) : null;
  if (found?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': contentTypes[path.extname(file)] ?? 'application/octet-stream',
    'Content-Length': found.size,
    'Cache-Control': 'no-cache',
  });
  createReadStream(file).pipe(response);
}
