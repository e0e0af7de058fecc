/** @file Writes BMP files in the variants that programs leave behind. */

export interface BitmapContent {
  readonly width: number;
  readonly height: number;
  /** RGB triples (24 and 32 bits) or palette indices (1, 4, 8 bits), rows top down. */
  readonly values: readonly number[];
  readonly bits: 1 | 4 | 8 | 24 | 32;
  /** RGB triples. */
  readonly palette?: readonly number[];
  readonly topDown?: boolean;
}

export function encodeBitmap(content: BitmapContent): Buffer {
  const { width, height, bits, palette = [], topDown = false } = content;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const offset = 54 + (palette.length / 3) * 4;
  const file = Buffer.alloc(offset + stride * height);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(offset, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(topDown ? -height : height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(bits, 28);
  for (let entry = 0; entry * 3 < palette.length; entry++) {
    for (let channel = 0; channel < 3; channel++) {
      file[54 + entry * 4 + channel] = palette[entry * 3 + 2 - channel]!;
    }
  }
  for (let row = 0; row < height; row++) {
    writeRow(content, row, file.subarray(offset + (topDown ? row : height - 1 - row) * stride));
  }
  return file;
}

function writeRow({ width, values, bits }: BitmapContent, row: number, out: Buffer): void {
  for (let column = 0; column < width; column++) {
    const pixel = row * width + column;
    if (bits >= 24) {
      for (let channel = 0; channel < 3; channel++) {
        out[(column * bits) / 8 + channel] = values[pixel * 3 + 2 - channel]!;
      }
    } else {
      const byte = Math.floor((column * bits) / 8);
      out[byte] = out[byte]! | (values[pixel]! << (8 - bits - ((column * bits) % 8)));
    }
  }
}
