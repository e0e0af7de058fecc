/** @file The headers of a tar: 512 bytes before every entry (POSIX ustar, GNU), and the attributes of pax. */

export type TarEntryType =
  | 'file'
  | 'directory'
  | 'link'
  | 'special entry'
  /** Names the entry behind it. */
  | 'long name'
  /** pax: names and measures the entry behind it. */
  | 'attributes'
  /** Of all entries, or of links: nothing that is needed. */
  | 'other attributes';

export interface TarHeader {
  readonly name: string;
  readonly size: number;
  readonly type: TarEntryType;
}

const types: Readonly<Record<string, TarEntryType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'link',
  '5': 'directory',
  L: 'long name',
  x: 'attributes',
  g: 'other attributes',
  K: 'other attributes',
};

const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const SPACE = 0x20;

/** null: an empty block. Throws a plain error for what is no header. */
export function decodeTarHeader(block: Buffer): TarHeader | null {
  if (block.every((byte) => byte === 0)) return null;
  let sum = 0;
  for (const [at, byte] of block.entries())
    sum += at >= CHECKSUM_AT && at < CHECKSUM_AT + CHECKSUM_BYTES ? SPACE : byte;
  if (sum !== readNumber(block, CHECKSUM_AT, CHECKSUM_BYTES))
    throw new Error('a header in it is damaged, or it is no tar');
  const name = decodeText(block.subarray(0, 100));
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? decodeText(block.subarray(345, 500)) : '';
  const type = types[String.fromCharCode(block[156]!)] ?? 'special entry';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: readNumber(block, 124, 12),
    // Old writers mark folders by the name alone.
    type: type === 'file' && name.endsWith('/') ? 'directory' : type,
  };
}

/** Octal digits, or, where the first bit is set, a big-endian number. NaN: neither. */
function readNumber(block: Buffer, from: number, length: number): number {
  if ((block[from]! & 0x80) !== 0) {
    const [first, ...rest] = block.subarray(from, from + length);
    return rest.reduce((sum, byte) => sum * 256 + byte, first! & 0x7f);
  }
  const digits = decodeText(block.subarray(from, from + length)).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN;
}

/** Up to the first zero. */
export function decodeText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Lines of '<length> <key>=<value>', the length counting the whole line; ends where one is none. */
export function decodePax(bytes: Buffer): Map<string, string> {
  const attributes = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(SPACE, at);
    const length = space < 0 ? 0 : Number(bytes.toString('latin1', at, space));
    if (!Number.isSafeInteger(length) || length <= space - at) break;
    const [, key, value] = /^([^=]*)=(.*)\n?$/s.exec(bytes.toString('utf8', space + 1, at + length)) ?? [];
    if (key !== undefined && value !== undefined) attributes.set(key, value.replace(/\n$/, ''));
    at += length;
  }
  return attributes;
}
