/** @file UTF-8 for names in models: core knows neither Node nor the DOM, so there is no TextEncoder here. */

const REPLACEMENT = 0xfffd;
/** Code points per call of fromCodePoint: arguments live on the stack. */
const CHUNK = 4096;

export function encodeUtf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text);
  const bytes: number[] = [];
  for (let index = 0; index < escaped.length; index++) {
    if (escaped[index] === '%') {
      bytes.push(Number.parseInt(escaped.slice(index + 1, index + 3), 16));
      index += 2;
    } else {
      bytes.push(escaped.charCodeAt(index));
    }
  }
  return Uint8Array.from(bytes);
}

/** Never fails: bytes that belong to no character become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  let points: number[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const { point, length } = decodePoint(bytes, offset);
    points.push(point);
    offset += length;
    if (points.length === CHUNK) {
      parts.push(String.fromCodePoint(...points));
      points = [];
    }
  }
  return parts.join('') + String.fromCodePoint(...points);
}

function decodePoint(bytes: Uint8Array, offset: number): { point: number; length: number } {
  const lead = bytes[offset]!;
  if (lead < 0x80) return { point: lead, length: 1 };
  const extra = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  let point = extra === 0 ? REPLACEMENT : lead & (0x3f >> extra);
  for (let index = 1; index <= extra; index++) {
    const byte = bytes[offset + index] ?? 0;
    if (byte >> 6 !== 2) return { point: REPLACEMENT, length: index };
    point = (point << 6) | (byte & 0x3f);
  }
  return { point: isScalar(point, extra) ? point : REPLACEMENT, length: extra + 1 };
}

/** No surrogate, nothing past the last plane, and no longer form than the character needs. */
function isScalar(point: number, extra: number): boolean {
  const least = [0, 0x80, 0x800, 0x10000][extra]!;
  return point >= least && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}
