/**
 * @file Boxes of content credentials (JUMBF, ISO/IEC 19566-5): where they lie in a PNG, JPEG or WebP file, and what is in them. Hostile files are expected: nothing is believed
 * of a length, and depth, number and size are bounded.
 */

export interface Box {
  readonly type: string;
  /** Of a box of boxes: its name; null: it has none, or is no box of boxes. */
  readonly label: string | null;
  /** Of a box of boxes, without its description. */
  readonly children: readonly Box[];
  /** Of any other box. */
  readonly content: Uint8Array;
}

const MOST_BYTES = 16 * 2 ** 20;
const MOST_BOXES = 5000;
const DEEPEST = 8;
const MOST_SEGMENTS = 1000;

export class JumbfError extends Error {}

/** The bytes of the outermost box; null: the file has none. */
export function findJumbf(file: Uint8Array): Uint8Array | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (startsWith(file, 0, [0x89, 0x50, 0x4e, 0x47])) return inPng(file, view);
  if (startsWith(file, 0, [0xff, 0xd8])) return inJpeg(file, view);
  if (wordAt(file, 0) === 'RIFF' && wordAt(file, 8) === 'WEBP') return inWebp(file, view);
  return null;
}

function inPng(file: Uint8Array, view: DataView): Uint8Array | null {
  for (let at = 8; at + 12 <= file.length;) {
    const length = view.getUint32(at);
    const type = wordAt(file, at + 4);
    if (length > file.length - at - 12) return null;
    if (type === 'caBX') return bounded(file.subarray(at + 8, at + 8 + length));
    if (type === 'IEND') return null;
    at += 12 + length;
  }
  return null;
}

/** One box may be cut over many APP11 segments: each repeats its head, and they are told apart by an instance number. */
function inJpeg(file: Uint8Array, view: DataView): Uint8Array | null {
  const parts: Uint8Array[] = [];
  let instance: number | null = null;
  for (const { marker, from, to } of segments(file, view)) {
    const content = file.subarray(from, to);
    if (marker !== APP11 || content.length <= 16 || !wordAt(content, 0).startsWith('JP')) continue;
    const own = view.getUint16(from + 2);
    instance ??= own;
    if (own === instance) parts.push(content.subarray(parts.length === 0 ? 8 : 16));
  }
  return parts.length === 0 ? null : bounded(concatenate(parts));
}

const APP11 = 0xeb;
/** Start of the picture, end of the file: no segments follow. */
const LAST_MARKERS: ReadonlySet<number> = new Set([0xda, 0xd9]);

function* segments(
  file: Uint8Array,
  view: DataView,
): Generator<{ readonly marker: number; readonly from: number; readonly to: number }> {
  let at = 2;
  for (let count = 0; at + 4 <= file.length && count < MOST_SEGMENTS; count++) {
    const marker = file[at + 1]!;
    const to = at + 2 + view.getUint16(at + 2);
    if (file[at] !== 0xff || LAST_MARKERS.has(marker) || to < at + 4 || to > file.length) return;
    yield { marker, from: at + 4, to };
    at = to;
  }
}

function inWebp(file: Uint8Array, view: DataView): Uint8Array | null {
  for (let at = 12; at + 8 <= file.length;) {
    const length = view.getUint32(at + 4, true);
    if (length > file.length - at - 8) return null;
    if (wordAt(file, at) === 'C2PA') return bounded(file.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length % 2);
  }
  return null;
}

/** Throws `JumbfError`. */
export function readBoxes(bytes: Uint8Array): Box[] {
  return boxesIn(bytes, { left: MOST_BOXES }, 0);
}

function boxesIn(bytes: Uint8Array, budget: { left: number }, depth: number): Box[] {
  if (depth > DEEPEST) throw new JumbfError('its boxes lie too deep in each other');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    if (--budget.left < 0) throw new JumbfError('it has too many boxes');
    const short = view.getUint32(at);
    const isLong = short === 1 && at + 16 <= bytes.length;
    const head = isLong ? 16 : 8;
    const length = isLong ? Number(view.getBigUint64(at + 8)) : short === 0 ? bytes.length - at : short;
    if (length < head || length > bytes.length - at)
      throw new JumbfError('a box is longer than what holds it');
    boxes.push(toBox(wordAt(bytes, at + 4), bytes.subarray(at + head, at + length), budget, depth));
    at += length;
  }
  return boxes;
}

function toBox(type: string, content: Uint8Array, budget: { left: number }, depth: number): Box {
  if (type !== 'jumb') return { type, label: null, children: [], content };
  const [description, ...children] = boxesIn(content, budget, depth + 1);
  if (description?.type !== 'jumd') throw new JumbfError('a box of boxes has no description');
  return { type, label: labelOf(description.content), children, content: new Uint8Array() };
}

/** After 16 bytes of a type and one of switches, of which the second says that there is a name, which ends in a zero. */
function labelOf(description: Uint8Array): string | null {
  if (description.length < 18 || (description[16]! & 2) === 0) return null;
  const end = description.indexOf(0, 17);
  return end < 0 ? null : new TextDecoder().decode(description.subarray(17, end));
}

function bounded(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MOST_BYTES) throw new JumbfError(`it has more than ${MOST_BYTES} bytes`);
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function wordAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function startsWith(bytes: Uint8Array, at: number, wanted: readonly number[]): boolean {
  return wanted.every((byte, index) => bytes[at + index] === byte);
}
