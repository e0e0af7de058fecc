/** @file `whence://app/`: the built page from disk, thumbnails and images from the engine. Nothing else can be loaded. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol, type Session } from 'electron';
import { AppError } from '../core/base/app-error.ts';
import { contentTypes, pageHeaders, pictureCaching } from '../contract/page-policy.ts';
import { parsePictureAddress, type PictureRequest } from '../contract/picture-address.ts';
import { windowOrigin, windowScheme } from '../contract/window-ports.ts';
import type { EngineClient } from './engine-client.ts';
import { pageFile } from './page-file.ts';

/** Must run before the app is ready. */
export function registerWindowScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true };
  protocol.registerSchemesAsPrivileged([{ scheme: windowScheme, privileges }]);
}

export function serveWindow(session: Session, rendererPath: string, engine: EngineClient): void {
  session.protocol.handle(windowScheme, async (request) => {
    const url = new URL(request.url);
    if (url.host !== new URL(windowOrigin).host) return refuse(404);
    const picture = parsePictureAddress(url);
    return picture === null ? answerFile(rendererPath, url.pathname) : answerPicture(engine, picture);
  });
}

async function answerPicture(engine: EngineClient, request: PictureRequest): Promise<Response> {
  try {
    const picture = await readPicture(engine, request);
    return new Response(new Uint8Array(picture.bytes), {
      headers: { ...pageHeaders, 'Content-Type': picture.type, 'Cache-Control': pictureCaching },
    });
  } catch (error) {
    // A picture asked for while the engine restarts, or of a file that is gone: the tile shows that by itself.
    if (error instanceof AppError) return refuse(error.code === 'connection-closed' ? 503 : 404);
    throw error;
  }
}

function readPicture(
  engine: EngineClient,
  request: PictureRequest,
): Promise<{ bytes: Uint8Array; type: string }> {
  const { samples, queries } = engine.now;
  switch (request.kind) {
    case 'thumbnail':
      return samples.thumbnail({ id: request.id, size: request.size });
    case 'image':
      return samples.image({ id: request.id });
    case 'query':
      return queries.image({ id: request.id });
  }
}

async function answerFile(rendererPath: string, pathname: string): Promise<Response> {
  const file = pageFile(rendererPath, pathname);
  if (file === null) return refuse(403);
  try {
    const type = contentTypes[path.extname(file)] ?? 'application/octet-stream';
    return new Response(new Uint8Array(await readFile(file)), {
      headers: { ...pageHeaders, 'Content-Type': type },
    });
  } catch {
    return refuse(404);
  }
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: pageHeaders });
}
