/** @file `/thumb/ID?size=` and `/image/ID`: pictures for the browser, cached by their address. */
import type { ServerResponse } from 'node:http';
import { AppError } from '../core/base/app-error.ts';
import { ThumbnailSize } from '../contract/samples-service.ts';
import { SampleId } from '../contract/vocabulary.ts';
import type { Engine } from '../engine/create-engine.ts';

const ROUTE = /^\/(thumb|image)\/(\d+)$/;

/** Answers the request where it is for a picture; says whether it was. */
export async function answerAsset(url: URL, response: ServerResponse, engine: Engine): Promise<boolean> {
  const match = ROUTE.exec(url.pathname);
  if (match === null) return false;
  const id = SampleId.safeParse(Number(match[2]));
  const size = ThumbnailSize.safeParse(Number(url.searchParams.get('size') ?? 96));
  if (!id.success || !size.success) {
    response.writeHead(400).end();
    return true;
  }
  try {
    const asset =
      match[1] === 'thumb'
        ? await engine.assets.thumbnail(id.data, size.data)
        : await engine.assets.image(id.data);
    response.writeHead(200, {
      'Content-Type': asset.type,
      'Cache-Control': 'private, max-age=31536000, immutable',
    });
    response.end(asset.bytes);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end(error.message);
  }
  return true;
}
