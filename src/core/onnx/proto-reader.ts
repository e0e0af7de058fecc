/**
 * @file The protobuf wire format, reading side. Fields are views of the file's bytes: nothing is copied and no length is believed
 * before it has been compared with what is there.
 */
import { AppError } from '../base/app-error.ts';
import { decodeUtf8 } from './utf8.ts';
import { wireBytes, wireFixed32, wireFixed64, wireVarint } from './proto-writer.ts';

/** One field as it came; `bytes` are those of the value alone, also where it is a varint. */
export interface ProtoField {
  readonly field: number;
  readonly wire: number;
  readonly bytes: Uint8Array;
}

/** No name or text in a model is longer; what claims to be is damaged. */
const MAX_TEXT_BYTES = 1 << 24;
/** Ten groups of seven. */
const MAX_VARINT_BITS = 70;
const TWO_TO_32 = 2 ** 32;

/** The fields of one message, in order. Fields of unknown number are yielded too; the caller skips them. */
export function* readFields(bytes: Uint8Array): Generator<ProtoField> {
  let offset = 0;
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - offset) throw endsEarly();
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  const takeVarint = (): Uint8Array => take(varintLength(bytes, offset));
  while (offset < bytes.length) {
    const tag = unsignedOf(takeVarint());
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire === wireVarint) yield { field, wire, bytes: takeVarint() };
    else if (wire === wireBytes) yield { field, wire, bytes: take(unsignedOf(takeVarint())) };
    else if (wire === wireFixed32) yield { field, wire, bytes: take(4) };
    else if (wire === wireFixed64) yield { field, wire, bytes: take(8) };
    else throw new AppError('model-invalid', { reason: `it holds a field of unknown kind ${wire}` });
  }
}

export function stringOf(field: ProtoField): string {
  if (field.bytes.length > MAX_TEXT_BYTES) {
    throw new AppError('model-invalid', { reason: `a name in it takes ${field.bytes.length} bytes` });
  }
  return decodeUtf8(field.bytes);
}

/** An int64 as a double: exact up to 2^53. */
export function signedOf(field: ProtoField): number {
  return integersOf(field)[0] ?? 0;
}

/** A repeated integer field comes packed or one by one: both are a run of varints. */
export function integersOf(field: ProtoField): number[] {
  const values: number[] = [];
  forEachVarint(field.bytes, (low, high) => values.push((high | 0) * TWO_TO_32 + low));
  return values;
}

/** A repeated float field comes packed or one by one: both are a run of four-byte numbers. */
export function floatsOf(field: ProtoField): number[] {
  const view = new DataView(field.bytes.buffer, field.bytes.byteOffset, field.bytes.byteLength);
  return Array.from({ length: Math.floor(field.bytes.length / 4) }, (_, index) =>
    view.getFloat32(index * 4, true),
  );
}

/** Calls back with the two unsigned 32-bit halves of every varint: no bigint per element. */
export function forEachVarint(bytes: Uint8Array, visit: (low: number, high: number) => void): void {
  for (let offset = 0; offset < bytes.length;) {
    let byte = bytes[offset++]!;
    let [low, high] = [byte & 127, 0];
    for (let shift = 7; byte >= 128; shift += 7) {
      if (offset === bytes.length) throw endsEarly();
      if (shift === MAX_VARINT_BITS)
        throw new AppError('model-invalid', { reason: 'a number in it has no end' });
      byte = bytes[offset++]!;
      const part = byte & 127;
      if (shift < 32) low |= part << shift;
      // The fifth group lies across the halves.
      if (shift >= 32) high |= part << (shift - 32);
      else if (shift > 25) high |= part >> (32 - shift);
    }
    visit(low >>> 0, high >>> 0);
  }
}

function unsignedOf(varint: Uint8Array): number {
  let value = 0;
  forEachVarint(varint, (low, high) => {
    value = high * TWO_TO_32 + low;
  });
  return value;
}

function varintLength(bytes: Uint8Array, offset: number): number {
  for (let end = offset; end < bytes.length; end++) if (bytes[end]! < 128) return end + 1 - offset;
  throw endsEarly();
}

function endsEarly(): AppError {
  return new AppError('model-invalid', { reason: 'it ends in the middle of a field' });
}
