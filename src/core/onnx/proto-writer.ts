/** @file The protobuf wire format, writing side: only the field kinds that ONNX uses. */
import { encodeUtf8 } from './utf8.ts';

export const wireVarint = 0;
export const wireFixed64 = 1;
export const wireBytes = 2;
export const wireFixed32 = 5;

/** Collects chunks and joins them once, so that weights of many megabytes are copied a single time per nesting level. */
export class ProtoWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** An int64, int32, enum or bool field. Negative numbers take ten bytes, as the format wants. */
  integer(field: number, value: number | bigint): void {
    this.#push(varint((field << 3) | wireVarint));
    this.#push(varint(value));
  }

  float(field: number, value: number): void {
    this.#push(varint((field << 3) | wireFixed32));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(bytes);
  }

  string(field: number, value: string): void {
    this.bytes(field, encodeUtf8(value));
  }

  bytes(field: number, value: Uint8Array): void {
    this.#push(varint((field << 3) | wireBytes));
    this.#push(varint(value.length));
    this.#push(value);
  }

  packedIntegers(field: number, values: readonly number[]): void {
    this.message(field, (packed) => {
      for (const value of values) packed.#push(varint(value));
    });
  }

  packedFloats(field: number, values: readonly number[]): void {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    values.forEach((value, index) => view.setFloat32(index * 4, value, true));
    this.bytes(field, bytes);
  }

  message(field: number, write: (message: ProtoWriter) => void): void {
    const message = new ProtoWriter();
    write(message);
    this.#push(varint((field << 3) | wireBytes));
    this.#push(varint(message.#length));
    for (const chunk of message.#chunks) this.#push(chunk);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, offset);
      offset += chunk.length;
    }
    return joined;
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }
}

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
