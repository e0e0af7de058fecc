/** @file Tensors kept in files beside the model: where they lie. Core describes; whoever reads the model fetches. */
import { AppError } from '../base/app-error.ts';
import { readFields, stringOf } from './proto-reader.ts';
import { entryFields } from './schema.ts';

/** A run of bytes in another file. */
export interface ExternalData {
  /** Path relative to the model's folder, as the file states it: to be distrusted. */
  readonly location: string;
  readonly offset: number;
  /** In bytes; what the tensor's type and shape ask for. */
  readonly length: number;
}

/**
 * Fetches external data for the tensor called `name`; the answer has exactly `length` bytes and may be kept. It must check the
 * location (a file may name anything) and the length (before it allocates).
 */
export type ReadExternal = (data: ExternalData, name: string) => Uint8Array;

/** The pairs `location`, `offset`, `length` of a tensor, which needs `byteLength` bytes. */
export function describeExternalData(
  entries: readonly Uint8Array[],
  name: string,
  byteLength: number,
): ExternalData {
  const pairs = new Map(entries.map(readEntry));
  const stated = bytesOf(pairs.get('length'), byteLength, name);
  if (stated !== byteLength) {
    throw new AppError('model-invalid', {
      reason: `tensor ${name} needs ${byteLength} bytes of external data, but ${stated} are stated`,
    });
  }
  return {
    location: pairs.get('location') ?? '',
    offset: bytesOf(pairs.get('offset'), 0, name),
    length: stated,
  };
}

function readEntry(bytes: Uint8Array): [string, string] {
  let [key, value] = ['', ''];
  for (const field of readFields(bytes)) {
    if (field.field === entryFields.key) key = stringOf(field);
    else if (field.field === entryFields.value) value = stringOf(field);
  }
  return [key, value];
}

function bytesOf(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined || text === '') return fallback;
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(count)) {
    throw new AppError('model-invalid', { reason: `the external data of tensor ${name} lies at “${text}”` });
  }
  return count;
}
