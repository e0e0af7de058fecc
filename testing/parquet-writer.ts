/** @file Data sets in Parquet for tests, with images in them as Hugging Face keeps them. */
import { parquetWriteBuffer } from 'hyparquet-writer';

export interface ParquetImageRow {
  readonly image: { readonly bytes: Uint8Array; readonly path: string };
  readonly label: number;
  readonly artist: string | undefined;
}

/** One row a group, so that images of several groups are read. */
export function encodeParquet(rows: readonly ParquetImageRow[], classNames: readonly string[]): Uint8Array {
  const features = { image: { _type: 'Image' }, label: { names: classNames, _type: 'ClassLabel' } };
  const buffer = parquetWriteBuffer({
    schema: [
      { name: 'root', num_children: 3 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
      { name: 'artist', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'image', data: rows.map(({ image }) => image) },
      { name: 'label', data: rows.map(({ label }) => BigInt(label)) },
      { name: 'artist', data: rows.map(({ artist }) => artist) },
    ],
    rowGroupSize: 1,
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
  });
  return new Uint8Array(buffer);
}
