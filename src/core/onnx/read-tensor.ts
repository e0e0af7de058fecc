/** @file TensorProto → tensor. A large tensor is copied once, out of the file's bytes, or not at all where it lies elsewhere. */
import { AppError } from '../base/app-error.ts';
import { makeTensor, type Shape, type Tensor } from '../tensor/tensor.ts';
import { elementTypeOf, type ElementType } from './element-types.ts';
import { describeExternalData, type ReadExternal } from './external-data.ts';
import { forEachVarint, integersOf, readFields, signedOf, stringOf } from './proto-reader.ts';
import { dataLocations, tensorFields } from './schema.ts';

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** The fields of a tensor before its elements are looked at. */
interface TensorParts {
  readonly name: string;
  readonly elementTypeCode: number;
  readonly shape: Shape;
  readonly isExternal: boolean;
  readonly externalEntries: readonly Uint8Array[];
  /** Little-endian elements, in one run or several. */
  readonly fixed: readonly Uint8Array[];
  /** Elements as varints. */
  readonly varints: readonly Uint8Array[];
}

/**
 * A lone tensor (`.pb`), an initializer or an attribute.
 * @throws AppError model-invalid; model-tensor-unsupported where no element type of ours holds it
 */
export function readTensor(bytes: Uint8Array, readExternal: ReadExternal): NamedTensor {
  const parts = readParts(bytes);
  const type = elementTypeOf(parts.elementTypeCode);
  if (type.dtype === null) {
    throw new AppError('model-tensor-unsupported', { name: parts.name, elementType: type.name });
  }
  const byteLength = elementCountOf(parts) * type.width;
  const data = parts.isExternal
    ? readExternalElements(parts, byteLength, type, readExternal)
    : readOwnElements(parts, byteLength, type);
  return { name: parts.name, tensor: makeTensor(type.dtype, parts.shape, data) };
}

export function readTensorName(bytes: Uint8Array): string {
  for (const field of readFields(bytes)) if (field.field === tensorFields.name) return stringOf(field);
  return '';
}

/** Floats in a field of their own are laid out as raw data are. */
const fixedFields = new Set<number>([tensorFields.rawData, tensorFields.floatData, tensorFields.doubleData]);
const varintFields = new Set<number>([
  tensorFields.int32Data,
  tensorFields.int64Data,
  tensorFields.uint64Data,
]);

function readParts(bytes: Uint8Array): TensorParts {
  let [name, elementTypeCode, isExternal] = ['', 0, false];
  const shape: number[] = [];
  const [externalEntries, fixed, varints]: [Uint8Array[], Uint8Array[], Uint8Array[]] = [[], [], []];
  for (const field of readFields(bytes)) {
    switch (field.field) {
      case tensorFields.name:
        name = stringOf(field);
        break;
      case tensorFields.dimensions:
        for (const extent of integersOf(field)) shape.push(extent);
        break;
      case tensorFields.dataType:
        elementTypeCode = signedOf(field);
        break;
      case tensorFields.dataLocation:
        isExternal = signedOf(field) === dataLocations.external;
        break;
      case tensorFields.externalData:
        externalEntries.push(field.bytes);
        break;
      default:
        if (fixedFields.has(field.field)) fixed.push(field.bytes);
        else if (varintFields.has(field.field)) varints.push(field.bytes);
    }
  }
  return { name, elementTypeCode, shape, isExternal, externalEntries, fixed, varints };
}

/** A shape is believed only as far as it can be counted; whether the data fill it is checked before anything is allocated. */
function elementCountOf({ name, shape }: TensorParts): number {
  let count = 1;
  for (const extent of shape) {
    count *= extent;
    if (extent < 0 || !Number.isSafeInteger(extent) || !Number.isSafeInteger(count * 8)) {
      throw new AppError('model-invalid', {
        reason: `tensor ${name} has the impossible shape [${shape.join()}]`,
      });
    }
  }
  return count;
}

function readExternalElements(
  { name, externalEntries }: TensorParts,
  byteLength: number,
  type: ElementType,
  readExternal: ReadExternal,
): Tensor['data'] {
  const described = describeExternalData(externalEntries, name, byteLength);
  const bytes = byteLength === 0 ? new Uint8Array(0) : readExternal(described, name);
  if (bytes.length !== byteLength) throw doesNotFill(name);
  return type.widen(bytes.byteOffset % type.width === 0 ? bytes : bytes.slice());
}

function readOwnElements(
  { name, fixed, varints }: TensorParts,
  byteLength: number,
  type: ElementType,
): Tensor['data'] {
  const bytes = varints.length > 0 && fixed.length === 0 ? packVarints(varints, type.width) : joinRuns(fixed);
  if (bytes.length !== byteLength) throw doesNotFill(name);
  return type.widen(bytes);
}

/** One aligned copy: tensors in a file begin at any byte. */
function joinRuns(runs: readonly Uint8Array[]): Uint8Array {
  const [first] = runs;
  // A Buffer has a slice of its own, which does not copy.
  if (first !== undefined && runs.length === 1) return Uint8Array.prototype.slice.call(first);
  const joined = new Uint8Array(runs.reduce((length, run) => length + run.length, 0));
  let offset = 0;
  for (const run of runs) {
    joined.set(run, offset);
    offset += run.length;
  }
  return joined;
}

/** Varints → little-endian elements of `width` bytes: what the same tensor would have as raw data. */
function packVarints(runs: readonly Uint8Array[], width: ElementType['width']): Uint8Array {
  let count = 0;
  // The last byte of a varint is the one below 128.
  for (const run of runs) for (const byte of run) if (byte < 128) count++;
  const packed = new DataView(new ArrayBuffer(count * width));
  let offset = 0;
  for (const run of runs) {
    forEachVarint(run, (low, high) => {
      if (width === 1) packed.setUint8(offset, low);
      else if (width === 2) packed.setUint16(offset, low, true);
      else packed.setUint32(offset, low, true);
      if (width === 8) packed.setUint32(offset + 4, high, true);
      offset += width;
    });
  }
  return new Uint8Array(packed.buffer);
}

function doesNotFill(name: string): AppError {
  return new AppError('model-invalid', { reason: `the data of tensor ${name} do not fill its shape` });
}
