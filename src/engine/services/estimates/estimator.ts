/** @file What an estimate of one kind of run consists of. */
import type { Connection } from '../../storage/connection.ts';

/** Work in a unit that time is proportional to, for runs of one `kind`. */
export interface RunWork {
  readonly kind: string;
  readonly amount: number;
}

export interface Resources {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** Methods, so that a table of estimators of all kinds can be asked with any plan. */
export interface Estimator<Config> {
  /** What the machine's speed is asked for, and learned from; null where it cannot be told beforehand. */
  work(connection: Connection, config: Config): RunWork | null;
  resources(connection: Connection, config: Config): Resources | Promise<Resources>;
  /** Seconds of trainings that come before that work, from how long the model itself took; 0: none; null: not known. */
  trainingSeconds(connection: Connection, config: Config): number | null;
}

export const FLOAT_BYTES = 4;
/** Node, SQLite and ONNX Runtime before they hold any data. */
export const PROGRAM_BYTES = 200e6;
