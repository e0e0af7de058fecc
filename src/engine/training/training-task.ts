/** @file One training: what is learned from which images, how, and where it reports. */
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Network } from '../../core/nn/network.ts';
import type { EpochMetrics, TrainConfig } from '../../contract/runs-service.ts';
import type { Normalization } from '../storage/models.ts';
import type { PixelSource } from './pixel-source.ts';

export type TrainingSettings = Pick<
  TrainConfig,
  | 'epochs'
  | 'batchSize'
  | 'optimizer'
  | 'learningRate'
  | 'momentum'
  | 'weightDecay'
  | 'schedule'
  | 'augmentation'
  | 'patience'
  | 'seed'
>;

export interface TrainingTask {
  readonly classifier: Network;
  /** What the network and its first parameters are made from, as JSON: a checkpoint is only taken up by the same. */
  readonly origin: unknown;
  readonly pixels: PixelSource;
  readonly normalization: Normalization;
  /** Class index per pixel row. */
  readonly labels: Int32Array;
  readonly trainRows: Int32Array;
  /** May be empty: then there is no validation curve and no early stop. */
  readonly validationRows: Int32Array;
  readonly settings: TrainingSettings;
  /** Names this training's random streams: 'main', 'fold 0'. */
  readonly stream: string;
  /** Epochs to do of the schedule's `settings.epochs`; all where not given. */
  readonly epochLimit?: number;
  /** Where the state is kept after each epoch; null: nowhere. */
  readonly checkpointPath: string | null;
  readonly signal?: CancelSignal | undefined;
  readonly onBatch?: (progress: { epoch: number; fraction: number; loss: number }) => void;
  /** Done with the parameters of each epoch before its checkpoint is written: so it is done for every epoch in a checkpoint. */
  readonly afterEpoch?: (epoch: number, parameters: Float32Array) => Promise<void> | void;
  readonly onEpoch?: (metrics: EpochMetrics) => void;
}
