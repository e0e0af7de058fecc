/**
 * @file Reads Windows and OS/2 bitmaps: 1, 2, 4, 8, 16, 24 and 32 bits a pixel, palettes, bit masks, RLE4 and RLE8,
 * either row order. Written here because sharp's prebuilt libvips reads none, and the decoders on npm misread some.
 */

export interface DecodedBitmap {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  /** Rows top down, channels interleaved. */
  readonly pixels: Uint8Array;
}

/** A file that is no readable bitmap; `truncated` where it only stops too early. */
export class BitmapError extends Error {
  readonly kind: 'truncated' | 'unsupported' | 'too-large';

  constructor(kind: BitmapError['kind'], message: string) {
    super(message);
    this.name = 'BitmapError';
    this.kind = kind;
  }
}

interface Masks {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bottomUp: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly masks: Masks;
  /** Four bytes an entry: blue, green, red, unused. */
  readonly palette: Uint8Array;
  readonly pixelOffset: number;
}

const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BIT_FIELDS = 3;
const ALPHA_BIT_FIELDS = 6;
const CORE_HEADER_BYTES = 12;

export function decodeBitmap(bytes: Uint8Array, limitPixels: number): DecodedBitmap {
  const header = readHeader(bytes);
  if (header.width * header.height > limitPixels) {
    throw new BitmapError('too-large', `${header.width} × ${header.height} pixels`);
  }
  if (header.bits > 8) return decodeTrueColour(bytes, header);
  const indices = header.compression === RGB ? unpackIndices(bytes, header) : expandRuns(bytes, header);
  return applyPalette(indices, header);
}

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = readHeaderLength(view);
  const isCore = headerBytes === CORE_HEADER_BYTES;
  const sizes = isCore ? readCoreSizes(view) : readSizes(view);
  refuseUnknown(sizes);
  const hasMasks = sizes.compression === BIT_FIELDS || sizes.compression === ALPHA_BIT_FIELDS;
  // Newer headers hold the masks; after an old one they stand before the palette.
  const maskBytes = hasMasks && headerBytes < 52 ? (sizes.compression === ALPHA_BIT_FIELDS ? 16 : 12) : 0;
  const paletteOffset = 14 + headerBytes + maskBytes;
  return {
    ...sizes,
    masks: hasMasks ? readMasks(view, headerBytes, sizes.compression) : defaultMasks(sizes.bits),
    palette: sizes.bits > 8 ? new Uint8Array() : readPalette(bytes, sizes, paletteOffset, isCore),
  };
}

function readHeaderLength(view: DataView): number {
  if (view.byteLength < 26) throw new BitmapError('truncated', 'the header is cut off');
  const headerBytes = view.getUint32(14, true);
  if (headerBytes !== CORE_HEADER_BYTES && (headerBytes < 40 || headerBytes > 256)) {
    throw new BitmapError('unsupported', `a bitmap header of ${headerBytes} bytes is not known`);
  }
  if (view.byteLength < 14 + headerBytes) throw new BitmapError('truncated', 'the header is cut off');
  return headerBytes;
}

type Sizes = Omit<Header, 'masks' | 'palette'>;

function readSizes(view: DataView): Sizes {
  const height = view.getInt32(22, true);
  return {
    width: view.getInt32(18, true),
    height: Math.abs(height),
    bottomUp: height > 0,
    bits: view.getUint16(28, true),
    compression: view.getUint32(30, true),
    pixelOffset: view.getUint32(10, true),
  };
}

function readCoreSizes(view: DataView): Sizes {
  return {
    width: view.getUint16(18, true),
    height: view.getUint16(20, true),
    bottomUp: true,
    bits: view.getUint16(24, true),
    compression: RGB,
    pixelOffset: view.getUint32(10, true),
  };
}

function refuseUnknown(header: { width: number; height: number; bits: number; compression: number }): void {
  const { width, height, bits, compression } = header;
  if (width <= 0 || height <= 0) throw new BitmapError('unsupported', `${width} × ${height} pixels`);
  const allowed: Readonly<Record<number, readonly number[]>> = {
    [RGB]: [1, 2, 4, 8, 16, 24, 32],
    [RLE8]: [8],
    [RLE4]: [4],
    [BIT_FIELDS]: [16, 32],
    [ALPHA_BIT_FIELDS]: [16, 32],
  };
  if (allowed[compression]?.includes(bits) !== true) {
    throw new BitmapError('unsupported', `${bits} bits a pixel with compression ${compression}`);
  }
}

function readMasks(view: DataView, headerBytes: number, compression: number): Masks {
  const hasAlpha = headerBytes >= 56 || compression === ALPHA_BIT_FIELDS;
  if (view.byteLength < (hasAlpha ? 70 : 66)) throw new BitmapError('truncated', 'the header is cut off');
  return {
    red: view.getUint32(54, true),
    green: view.getUint32(58, true),
    blue: view.getUint32(62, true),
    alpha: hasAlpha ? view.getUint32(66, true) : 0,
  };
}

/** 32 bits without masks carry no alpha: their fourth byte is reserved, and usually 0. */
function defaultMasks(bits: number): Masks {
  if (bits === 16) return { red: 0x7c00, green: 0x03e0, blue: 0x001f, alpha: 0 };
  return { red: 0xff0000, green: 0xff00, blue: 0xff, alpha: 0 };
}

function readPalette(
  bytes: Uint8Array,
  header: { bits: number; pixelOffset: number },
  from: number,
  isCore: boolean,
): Uint8Array {
  const entryBytes = isCore ? 3 : 4;
  const present = Math.max(0, Math.min(bytes.length, header.pixelOffset) - from);
  const count = Math.min(2 ** header.bits, Math.floor(present / entryBytes));
  // Indices past the table show black.
  const palette = new Uint8Array(4 * 2 ** header.bits);
  for (let entry = 0; entry < count; entry++) {
    palette.set(bytes.subarray(from + entry * entryBytes, from + entry * entryBytes + 3), entry * 4);
  }
  return palette;
}

/** Bytes in a row of the file: padded to four. */
function strideOf({ width, bits }: Header): number {
  return Math.ceil((width * bits) / 32) * 4;
}

/** The file's row that shows at `row` from the top. */
function rowOffset(header: Header, row: number): number {
  const fileRow = header.bottomUp ? header.height - 1 - row : row;
  return header.pixelOffset + fileRow * strideOf(header);
}

function refuseTruncated(bytes: Uint8Array, header: Header): void {
  const needed = header.pixelOffset + strideOf(header) * header.height;
  // The last row's padding is often left out.
  const padding = strideOf(header) - Math.ceil((header.width * header.bits) / 8);
  if (bytes.length < needed - padding) {
    throw new BitmapError('truncated', `${needed} bytes were announced, ${bytes.length} are there`);
  }
}

function unpackIndices(bytes: Uint8Array, header: Header): Uint8Array {
  refuseTruncated(bytes, header);
  const { width, height, bits } = header;
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let row = 0; row < height; row++) {
    const from = rowOffset(header, row);
    for (let column = 0; column < width; column++) {
      const byte = bytes[from + Math.floor(column / perByte)]!;
      indices[row * width + column] = (byte >> (8 - bits * ((column % perByte) + 1))) & mask;
    }
  }
  return indices;
}

/** Run-length codes: (count, value) pairs, and after a 0 byte: end of line, end of bitmap, a jump, or literals. */
function expandRuns(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bottomUp, bits } = header;
  const indices = new Uint8Array(width * height);
  let position = header.pixelOffset;
  let column = 0;
  let line = 0;
  const next = (): number => {
    if (position >= bytes.length) throw new BitmapError('truncated', 'the pixels are cut off');
    return bytes[position++]!;
  };
  const put = (index: number): void => {
    if (column < width && line < height) {
      indices[(bottomUp ? height - 1 - line : line) * width + column] = index;
    }
    column++;
  };
  const indexIn = (byte: number, step: number): number =>
    bits === 8 ? byte : step % 2 === 0 ? byte >> 4 : byte & 15;
  const literals = (count: number): void => {
    let byte = 0;
    for (let step = 0; step < count; step++) {
      if (bits === 8 || step % 2 === 0) byte = next();
      put(indexIn(byte, step));
    }
    // Literals end on an even byte.
    if (Math.ceil((count * bits) / 8) % 2 === 1) position++;
  };
  while (line < height) {
    const count = next();
    const value = next();
    if (count > 0) {
      for (let step = 0; step < count; step++) put(indexIn(value, step));
    } else if (value === 0) {
      column = 0;
      line++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      column += next();
      line += next();
    } else {
      literals(value);
    }
  }
  return indices;
}

function applyPalette(indices: Uint8Array, { width, height, palette }: Header): DecodedBitmap {
  const pixels = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < indices.length; pixel++) {
    const entry = indices[pixel]! * 4;
    pixels[pixel * 3] = palette[entry + 2]!;
    pixels[pixel * 3 + 1] = palette[entry + 1]!;
    pixels[pixel * 3 + 2] = palette[entry]!;
  }
  return { width, height, channels: 3, pixels };
}

function decodeTrueColour(bytes: Uint8Array, header: Header): DecodedBitmap {
  refuseTruncated(bytes, header);
  const { width, height, bits, masks } = header;
  const bytesPerPixel = bits / 8;
  const channels = masks.alpha === 0 ? 3 : 4;
  const readers = [masks.red, masks.green, masks.blue, masks.alpha].slice(0, channels).map(maskReader);
  const pixels = new Uint8Array(width * height * channels);
  let out = 0;
  for (let row = 0; row < height; row++) {
    const from = rowOffset(header, row);
    for (let column = 0; column < width; column++) {
      const at = from + column * bytesPerPixel;
      const value =
        (bytes[at]! |
          (bytes[at + 1]! << 8) |
          (bytesPerPixel > 2 ? bytes[at + 2]! << 16 : 0) |
          (bytesPerPixel > 3 ? bytes[at + 3]! << 24 : 0)) >>>
        0;
      for (const read of readers) pixels[out++] = read(value);
    }
  }
  return { width, height, channels, pixels };
}

/** Reads the bits under a mask as 0…255. */
function maskReader(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const top = mask >>> shift;
  if (top === 255) return (value) => (value >>> shift) & 255;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / top);
}
