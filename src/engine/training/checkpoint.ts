/** @file A training's state on disk after each epoch: written to a partial name, then renamed, so that it is whole or absent. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { EpochMetrics } from '../../contract/runs-service.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';

/** Where a training stands between two epochs. */
export interface TrainingState {
  /** Epochs that are done. */
  readonly epoch: number;
  /** May have been halved because memory did not suffice. */
  readonly batchSize: number;
  readonly parameters: Float32Array;
  readonly optimizerState: Float32Array;
  /** Sums of what was seen of each training image (core/curation/training-dynamics.ts), in the order of the training rows. */
  readonly dynamics: Float32Array;
  readonly metrics: readonly EpochMetrics[];
  readonly best: { readonly epoch: number; readonly loss: number; readonly parameters: Float32Array } | null;
}

const Header = z.object({
  argumentsHash: z.string(),
  epoch: z.number().int(),
  batchSize: z.number().int(),
  metrics: z.array(EpochMetrics),
  best: z.object({ epoch: z.number().int(), loss: z.number() }).nullable(),
  lengths: z.array(z.number().int()),
  sha256: z.string(),
});

/** Layout: header length (uint32, little endian), header (JSON), then the float32 vectors one after the other. */
export function writeCheckpoint(path: string, argumentsHash: string, state: TrainingState): void {
  const vectors = [
    state.parameters,
    state.optimizerState,
    state.dynamics,
    ...(state.best === null ? [] : [state.best.parameters]),
  ];
  const body = Buffer.concat(vectors.map(bytesOf));
  const header: z.infer<typeof Header> = {
    argumentsHash,
    epoch: state.epoch,
    batchSize: state.batchSize,
    metrics: [...state.metrics],
    best: state.best === null ? null : { epoch: state.best.epoch, loss: state.best.loss },
    lengths: vectors.map((vector) => vector.length),
    sha256: createHash('sha256').update(body).digest('hex'),
  };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(headerBytes.length);
  writeFileWhole(path, [length, headerBytes, body]);
}

/**
 * The state at `path`, or null where there is none. A damaged file is deleted and counts as none, because training can always
 * start again; a file made with other arguments is refused.
 */
export function readCheckpoint(path: string, argumentsHash: string): TrainingState | null {
  if (!existsSync(path)) return null;
  const parsed = parseCheckpoint(readFileSync(path));
  if (parsed === null) {
    rmSync(path);
    return null;
  }
  if (parsed.argumentsHash !== argumentsHash)
    throw new AppError('artifact-arguments-differ', {
      path,
      difference: 'the training settings or the data',
    });
  return parsed.state;
}

function parseCheckpoint(bytes: Buffer): { argumentsHash: string; state: TrainingState } | null {
  try {
    const headerEnd = 4 + bytes.readUInt32LE(0);
    const header = Header.parse(JSON.parse(bytes.toString('utf8', 4, headerEnd)));
    const body = bytes.subarray(headerEnd);
    if (createHash('sha256').update(body).digest('hex') !== header.sha256) return null;
    const vectors = splitVectors(body, header.lengths);
    // Written by a version that kept fewer.
    if (vectors.length !== (header.best === null ? 3 : 4)) return null;
    const { argumentsHash, epoch, batchSize, metrics } = header;
    const best = header.best === null ? null : { ...header.best, parameters: vectors[3]! };
    return {
      argumentsHash,
      state: {
        epoch,
        batchSize,
        metrics,
        best,
        parameters: vectors[0]!,
        optimizerState: vectors[1]!,
        dynamics: vectors[2]!,
      },
    };
  } catch {
    return null;
  }
}

function splitVectors(body: Buffer, lengths: readonly number[]): Float32Array[] {
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
