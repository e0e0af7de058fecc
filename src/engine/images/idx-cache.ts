/** @file IDX arrays held in memory while their pixels are wanted, so that one image costs no pass over the whole file. */
import { stat } from 'node:fs/promises';
import { readIdx, type IdxArray } from '../formats/idx.ts';

/** Training and test images of one set; a third array replaces the one used least recently. */
const HELD_ARRAYS = 2;

/** Insertion order is order of use. */
const held = new Map<string, Promise<IdxArray>>();

/** The images of one file, kept while they are in use. */
export async function holdIdxImages(path: string): Promise<IdxArray> {
  const { size, mtimeMs } = await stat(path);
  const key = `${path}\0${size}\0${mtimeMs}`;
  const reading = held.get(key) ?? readIdx(path);
  held.delete(key);
  held.set(key, reading);
  for (const oldest of held.keys()) {
    if (held.size <= HELD_ARRAYS) break;
    held.delete(oldest);
  }
  try {
    return await reading;
  } catch (cause) {
    held.delete(key);
    throw cause;
  }
}
