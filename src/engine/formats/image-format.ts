/** @file Which image formats there are: by file name (what is tried) and by content (what decides). */

export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'bmp' | 'tiff';

/** Formats that every browser shows as they are. */
export const MEDIA_TYPES: Readonly<Record<ImageFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  tiff: 'image/tiff',
};

const IMAGE_EXTENSIONS = new Set(
  'png apng jpg jpeg jpe jfif webp gif bmp dib tif tiff'.split(' ').map((extension) => `.${extension}`),
);

/** Formats that hold pictures and are not read: named in the problem list so that nobody has to guess. */
const UNREAD_IMAGE_EXTENSIONS = new Set(
  'heic heif avif jxl jp2 j2k jpx svg ico psd xcf raw dng cr2 cr3 nef arw orf exr hdr tga ppm pgm pbm pnm pcx dds eps ai'
    .split(' ')
    .map((extension) => `.${extension}`),
);

/** How many bytes `sniffImageFormat` wants to see. */
export const SNIFF_BYTES = 16;

/** The extension with its dot, in lower case; '' where there is none. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot).toLowerCase();
}

export function hasImageExtension(path: string): boolean {
  return IMAGE_EXTENSIONS.has(extensionOf(path));
}

export function hasUnreadImageExtension(path: string): boolean {
  return UNREAD_IMAGE_EXTENSIONS.has(extensionOf(path));
}

/** The format that the first bytes announce; null: none of ours. */
export function sniffImageFormat(bytes: Uint8Array): ImageFormat | null {
  const text = (from: number, count: number): string =>
    String.fromCharCode(...bytes.subarray(from, from + count));
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') return 'webp';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  if (text(0, 2) === 'BM') return 'bmp';
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(text(0, 4))) return 'tiff';
  return null;
}

/** What else the first bytes announce, for a person; null: unknown. */
export function sniffForeignFormat(bytes: Uint8Array): string | null {
  const text = String.fromCharCode(...bytes.subarray(0, SNIFF_BYTES));
  if (/^.{4}ftyp(avif|avis)/s.test(text)) return 'AVIF';
  if (/^.{4}ftyp(heic|heix|mif1|msf1|hevc)/s.test(text)) return 'HEIC';
  if (text.startsWith('\xff\x0a') || text.startsWith('\0\0\0\x0cJXL ')) return 'JPEG XL';
  if (text.startsWith('\0\0\0\x0cjP  ')) return 'JPEG 2000';
  if (text.startsWith('8BPS')) return 'Photoshop';
  if (text.startsWith('%PDF')) return 'PDF';
  if (/^\s*<(\?xml|svg)/.test(text)) return 'SVG or XML';
  if (text.startsWith('PK\x03\x04')) return 'ZIP';
  return null;
}

/** Whether the file stops before its format's end mark: tells a cut-off file from a damaged one. */
export function looksCutOff(format: ImageFormat, bytes: Uint8Array): boolean {
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(-64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (format) {
    case 'png':
      return !tail.includes('IEND');
    case 'jpeg':
      return !tail.includes(Buffer.from([0xff, 0xd9]));
    case 'gif':
      return !tail.includes(0x3b);
    case 'webp':
      return bytes.length < 12 || view.getUint32(4, true) + 8 > bytes.length;
    case 'bmp':
      return bytes.length < 26 || view.getUint32(2, true) > bytes.length;
    case 'tiff':
      // The directory usually stands at the end; a pointer past it means that the end is gone.
      return bytes.length < 8 || view.getUint32(4, bytes[0] === 0x49) >= bytes.length;
  }
}
