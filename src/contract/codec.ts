/**
 * @file Messages over a WebSocket: JSON text; or, where a message carries typed arrays, one binary frame
 * [uint32 length of the JSON][JSON with holes][padding to 8][arrays, each padded to 8], little-endian.
 */
const arrayTypes = { Uint8Array, Int32Array, Uint32Array, Float32Array, Float64Array } as const;
type ArrayTypeName = keyof typeof arrayTypes;
type TypedArray = InstanceType<(typeof arrayTypes)[ArrayTypeName]>;

interface Hole {
  readonly $typedArray: ArrayTypeName;
  readonly offset: number;
  readonly length: number;
}

const ALIGNMENT = 8;
const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export function encodeMessage(message: unknown, utf8: (text: string) => Uint8Array): string | Uint8Array {
  const arrays: TypedArray[] = [];
  let tailBytes = 0;
  const withHoles = mapTree(message, (value) => {
    const typeName = typeNameOf(value);
    if (typeName === null) return value;
    const array = value as TypedArray;
    const hole: Hole = { $typedArray: typeName, offset: tailBytes, length: array.length };
    arrays.push(array);
    tailBytes += aligned(array.byteLength);
    return hole;
  });
  const json = JSON.stringify(withHoles);
  if (arrays.length === 0) return json;
  const head = utf8(json);
  const tailStart = aligned(4 + head.length);
  const frame = new Uint8Array(tailStart + tailBytes);
  new DataView(frame.buffer).setUint32(0, head.length, true);
  frame.set(head, 4);
  let offset = tailStart;
  for (const array of arrays) {
    frame.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += aligned(array.byteLength);
  }
  return frame;
}

export function decodeMessage(frame: string | Uint8Array, text: (utf8: Uint8Array) => string): unknown {
  if (typeof frame === 'string') return JSON.parse(frame);
  // A copy by its constructor: the `slice` of Node's Buffer is a view, as badly aligned as the whole.
  const bytes = frame.byteOffset % ALIGNMENT === 0 ? frame : new Uint8Array(frame);
  const headLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const tailStart = bytes.byteOffset + aligned(4 + headLength);
  return mapTree(JSON.parse(text(bytes.subarray(4, 4 + headLength))), (value) => {
    if (!isHole(value)) return value;
    return new arrayTypes[value.$typedArray](
      bytes.buffer as ArrayBuffer,
      tailStart + value.offset,
      value.length,
    );
  });
}

/** Rebuilds plain arrays and objects; `replace` sees every value on the way down and is final where it changes one. */
function mapTree(value: unknown, replace: (value: unknown) => unknown): unknown {
  const replaced = replace(value);
  if (replaced !== value || typeof value !== 'object' || value === null) return replaced;
  if (ArrayBuffer.isView(value)) return value; // a leaf, kept as it is
  if (Array.isArray(value)) return value.map((item) => mapTree(item, replace));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTree(item, replace)]));
}

function typeNameOf(value: unknown): ArrayTypeName | null {
  if (!ArrayBuffer.isView(value)) return null;
  for (const name of Object.keys(arrayTypes) as ArrayTypeName[])
    if (value instanceof arrayTypes[name]) return name;
  throw new Error(`internal: ${value.constructor.name} cannot cross the wire`);
}

function isHole(value: unknown): value is Hole {
  return typeof value === 'object' && value !== null && '$typedArray' in value;
}

/**
 * Gives every typed array that is a view of a larger buffer a buffer of its own: a structured clone copies whole buffers,
 * and Node's small Buffers share one pool.
 */
export function ownBuffers(message: unknown): unknown {
  return mapTree(message, (value) => {
    const typeName = typeNameOf(value);
    if (typeName === null) return value;
    const array = value as TypedArray;
    const plain = value?.constructor === arrayTypes[typeName];
    return plain && array.byteLength === array.buffer.byteLength
      ? value
      : new arrayTypes[typeName](array as Uint8Array);
  });
}
