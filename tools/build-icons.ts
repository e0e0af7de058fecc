/**
 * @file `npm run icons`: makes every icon file from the one drawing in resources/icons/whence.svg.
 * PNGs for the window and Linux, an ICO for Windows; electron-builder makes the ICNS from the largest PNG.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

const root = path.resolve(import.meta.dirname, '..');
const drawing = path.join(root, 'resources/icons/whence.svg');
const linuxSizes = [16, 32, 48, 64, 128, 256, 512] as const;
const windowsSizes = [16, 24, 32, 48, 64, 128, 256] as const;

/** Drawn anew at each size, so that edges stay sharp. */
async function drawPng(svg: Buffer, size: number): Promise<Buffer> {
  const density = (72 * size) / 256;
  return sharp(svg, { density }).resize(size, size).png({ compressionLevel: 9 }).toBuffer();
}

/** An ICO is a directory of PNGs: 6 bytes of head, 16 per picture, then the pictures. 256 is written as 0. */
function joinIco(pictures: readonly { size: number; png: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [index, { size, png }] of pictures.entries()) {
    const entry = 6 + 16 * index;
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4); // colour planes
    head.writeUInt16LE(32, entry + 6); // bits per pixel
    head.writeUInt32LE(png.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...pictures.map(({ png }) => png)]);
}

const svg = await readFile(drawing);
const buildIcons = path.join(root, 'build/icons');
await mkdir(buildIcons, { recursive: true });
for (const size of linuxSizes)
  await writeFile(path.join(buildIcons, `${size}x${size}.png`), await drawPng(svg, size));
await writeFile(path.join(root, 'resources/icons/whence-256.png'), await drawPng(svg, 256));
await writeFile(path.join(root, 'build/icon.png'), await drawPng(svg, 1024));
const pictures = [];
for (const size of windowsSizes) pictures.push({ size, png: await drawPng(svg, size) });
await writeFile(path.join(root, 'build/icon.ico'), joinIco(pictures));
