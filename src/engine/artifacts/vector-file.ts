/** @file Float32 vectors with a header in one file that is whole or absent: written to a partial name, then renamed; its bytes are checked when it is read. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { writeFileWhole } from './write-file-whole.ts';

const Envelope = z.object({
  header: z.unknown(),
  lengths: z.array(z.number().int()),
  sha256: z.string(),
});

export interface VectorFile<Header> {
  readonly header: Header;
  readonly vectors: readonly Float32Array[];
}

/** Layout: length of the envelope (uint32, little endian), envelope (JSON), then the vectors one after the other. */
export function writeVectorFile(path: string, header: unknown, vectors: readonly Float32Array[]): void {
  const body = Buffer.concat(vectors.map(bytesOf));
  const envelope: z.infer<typeof Envelope> = {
    header,
    lengths: vectors.map((vector) => vector.length),
    sha256: createHash('sha256').update(body).digest('hex'),
  };
  const envelopeBytes = Buffer.from(JSON.stringify(envelope));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(envelopeBytes.length);
  writeFileWhole(path, [length, envelopeBytes, body]);
}

/** null where there is none. A damaged file, or one whose header is of another kind, counts as none; it is deleted unless it is kept, because what it held can be made again. */
export function readVectorFile<Header>(
  path: string,
  schema: z.ZodType<Header>,
  damaged: 'delete' | 'keep' = 'delete',
): VectorFile<Header> | null {
  if (!existsSync(path)) return null;
  const parsed = parse(readFileSync(path), schema);
  if (parsed === null && damaged === 'delete') rmSync(path);
  return parsed;
}

function parse<Header>(bytes: Buffer, schema: z.ZodType<Header>): VectorFile<Header> | null {
  try {
    const end = 4 + bytes.readUInt32LE(0);
    const envelope = Envelope.parse(JSON.parse(bytes.toString('utf8', 4, end)));
    const body = bytes.subarray(end);
    if (createHash('sha256').update(body).digest('hex') !== envelope.sha256) return null;
    return { header: schema.parse(envelope.header), vectors: split(body, envelope.lengths) };
  } catch {
    return null;
  }
}

function split(body: Buffer, lengths: readonly number[]): Float32Array[] {
  const bytes = Uint8Array.from(body);
  let at = 0;
  return lengths.map((length) => {
    const vector = new Float32Array(bytes.buffer, at, length).slice();
    at += length * 4;
    return vector;
  });
}

function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
