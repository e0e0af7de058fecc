/** @file The protobuf wire format, reading side. */
import { AppError } from '../base/app-error.ts';
import { decodeUtf8 } from './utf8.ts';
import { wireBytes, wireFixed32, wireFixed64, wireVarint } from './proto-writer.ts';

/** One field as it came: the number of an enum or int, the raw bytes of everything longer. */
export interface ProtoField {
  readonly field: number;
  readonly wire: number;
  readonly integer: bigint;
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/** The fields of one message, in order. Fields of unknown number are yielded too; the caller skips them. */
export function* readFields(bytes: Uint8Array): Generator<ProtoField> {
  const cursor = { offset: 0 };
  while (cursor.offset < bytes.length) {
    const tag = Number(readVarint(bytes, cursor));
    const field = tag >>> 3;
    const wire = tag & 7;
    switch (wire) {
      case wireVarint:
        yield { field, wire, integer: readVarint(bytes, cursor), bytes: NO_BYTES };
        break;
      case wireBytes:
        yield { field, wire, integer: 0n, bytes: take(bytes, cursor, Number(readVarint(bytes, cursor))) };
        break;
      case wireFixed32:
        yield { field, wire, integer: 0n, bytes: take(bytes, cursor, 4) };
        break;
      case wireFixed64:
        yield { field, wire, integer: 0n, bytes: take(bytes, cursor, 8) };
        break;
      default:
        throw new AppError('model-invalid', { reason: `unknown wire type ${wire} at byte ${cursor.offset}` });
    }
  }
}

export function stringOf(field: ProtoField): string {
  return decodeUtf8(field.bytes);
}

export function floatOf(field: ProtoField): number {
  return viewOf(field.bytes).getFloat32(0, true);
}

export function signedOf(field: ProtoField): number {
  return Number(BigInt.asIntN(64, field.integer));
}

/** A repeated integer field comes packed or one by one. */
export function integersOf(field: ProtoField): number[] {
  if (field.wire === wireVarint) return [signedOf(field)];
  const cursor = { offset: 0 };
  const values: number[] = [];
  while (cursor.offset < field.bytes.length) {
    values.push(Number(BigInt.asIntN(64, readVarint(field.bytes, cursor))));
  }
  return values;
}

/** A repeated float field comes packed or one by one: both are a run of four-byte numbers. */
export function floatsOf(field: ProtoField): number[] {
  const view = viewOf(field.bytes);
  return Array.from({ length: field.bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readVarint(bytes: Uint8Array, cursor: { offset: number }): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[cursor.offset++];
    if (byte === undefined) throw new AppError('model-invalid', { reason: 'the file ends in the middle' });
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw new AppError('model-invalid', { reason: `a number at byte ${cursor.offset} is too long` });
}

function take(bytes: Uint8Array, cursor: { offset: number }, length: number): Uint8Array {
  const end = cursor.offset + length;
  if (end > bytes.length) throw new AppError('model-invalid', { reason: 'the file ends in the middle' });
  const taken = bytes.subarray(cursor.offset, end);
  cursor.offset = end;
  return taken;
}
