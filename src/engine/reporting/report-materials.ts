/** @file What a report is made of beside the case itself: what was examined, on what, and pictures of it. All of it is data; nothing is read while a report is built. */
import type { CaseCheck } from '../../contract/cases-service.ts';
import type { QueryImage } from '../../contract/queries-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { ModelId, RunId } from '../../contract/vocabulary.ts';
import type { TrainingImage } from '../storage/training-images.ts';

/** A file by its content. */
export interface HashedFile {
  readonly path: string;
  readonly bytes: number;
  /** null: it is not there any more. */
  readonly sha256: string | null;
}

export interface ModelMaterial {
  readonly id: ModelId;
  readonly name: string;
  readonly task: string;
  readonly origin: string;
  readonly architecture: string;
  readonly parameterCount: number;
  readonly trainCount: number;
  readonly createdAt: string;
  readonly runId: RunId;
  /** Of everything that its training read. */
  readonly dataHash: string;
  /** Weights, checkpoints and descriptions, by their path in the project. */
  readonly files: readonly HashedFile[];
}

export interface RunMaterial extends Pick<
  Run,
  'kind' | 'status' | 'config' | 'provider' | 'notes' | 'summary' | 'createdAt' | 'finishedAt'
> {
  readonly id: RunId;
  /** null: it made a model or the query images. */
  readonly check: CaseCheck | null;
  /** By what it was done, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly dataHash: string | null;
}

/** Encoded without anything but its pixels. */
export interface ReportPicture {
  readonly bytes: Uint8Array;
  readonly type: 'image/png' | 'image/jpeg';
  readonly width: number;
  readonly height: number;
  readonly isBlurred: boolean;
}

export interface ReportPictures {
  readonly queries: ReadonlyMap<number, ReportPicture>;
  readonly samples: ReadonlyMap<number, ReportPicture>;
  /** By 'query:sample': where they differ once one is laid over the other. */
  readonly differences: ReadonlyMap<string, ReportPicture>;
}

export interface ReportMaterials {
  readonly projectName: string;
  readonly queries: readonly QueryImage[];
  readonly models: readonly ModelMaterial[];
  /** Oldest first. */
  readonly runs: readonly RunMaterial[];
  readonly images: readonly TrainingImage[];
  /** Folders and archives that the training images came from. */
  readonly sources: readonly string[];
  /** Programs and machine, by name. */
  readonly environment: Readonly<Record<string, string>>;
  readonly pictures: ReportPictures;
}

/** Where a difference map is kept. */
export function pairKey(queryId: number, sampleId: number): string {
  return `${queryId}:${sampleId}`;
}
