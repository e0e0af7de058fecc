/** @file `/thumb/ID?size=`, `/image/ID` and `/query/ID`: pictures for the browser, cached by their address. */
import type { ServerResponse } from 'node:http';
import { AppError } from '../core/base/app-error.ts';
import { pictureCaching } from '../contract/page-policy.ts';
import { parsePictureAddress, type PictureRequest } from '../contract/picture-address.ts';
import type { Engine } from '../engine/create-engine.ts';

/** Answers the request where it is for a picture; says whether it was. */
export async function answerAsset(url: URL, response: ServerResponse, engine: Engine): Promise<boolean> {
  const request = parsePictureAddress(url);
  if (request === null) return false;
  try {
    const asset = await readAsset(engine, request);
    response.writeHead(200, { 'Content-Type': asset.type, 'Cache-Control': pictureCaching });
    response.end(asset.bytes);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end(error.message);
  }
  return true;
}

function readAsset({ assets }: Engine, request: PictureRequest): ReturnType<Engine['assets']['image']> {
  switch (request.kind) {
    case 'thumbnail':
      return assets.thumbnail(request.id, request.size);
    case 'image':
      return assets.image(request.id);
    case 'query':
      return assets.query(request.id);
  }
}
