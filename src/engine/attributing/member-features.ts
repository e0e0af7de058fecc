/** @file Features of one member of an ensemble: of what the model learned, and of any other images and classes that are asked about. */
import type { AttributionMethod } from '../../core/attribution/method.ts';
import { withUnitLength } from '../../core/attribution/score-queries.ts';
import { zeros32, type Matrix } from '../../core/linalg/matrix.ts';
import type { RowBlocks } from '../../core/linalg/gram.ts';
import type { Rows } from '../../core/linalg/rows.ts';
import { unitRows } from '../../core/linalg/unit-rows.ts';
import type { FeatureStore } from '../artifacts/feature-store.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { LabelledRow } from './loaded-model.ts';
import type { MemberModel } from './member-model.ts';
import { fillStore, type StoredQuantity } from './member-stores.ts';

/** A row of a store. */
interface Place {
  readonly store: FeatureStore;
  readonly row: number;
}

type OnProgress = (rowsDone: number, total: number) => void;

/** What scoring reads of a member: stored features, or gradients that are computed whenever they are read. */
export interface ReadableFeatures {
  /** k */
  readonly columns: number;
  /** What computing the features of the learned images took, whenever that was. */
  readonly seconds: number;
  /** Of them on disk. */
  readonly byteCount: number;
  /** Of the learned images in their order, in the length in which they are compared; opened anew for every pass. */
  train(): RowBlocks;
  /** Computes the features of those targets that have none yet; answers what computing these took, whenever that was. */
  fill(targets: readonly LabelledRow[], onProgress: OnProgress): Promise<number>;
  /** Features of targets that were filled, in order, in the length in which they are compared. */
  at(targets: readonly LabelledRow[]): Promise<Matrix>;
}

export class MemberFeatures implements ReadableFeatures {
  readonly #work: AttributionWork;
  readonly #member: MemberModel;
  readonly #quantity: StoredQuantity;
  readonly #train: FeatureStore;
  readonly #places = new Map<string, Place>();

  private constructor(
    work: AttributionWork,
    member: MemberModel,
    quantity: StoredQuantity,
    train: FeatureStore,
  ) {
    this.#work = work;
    this.#member = member;
    this.#quantity = quantity;
    this.#train = train;
    this.#index(train, work.model.learned);
  }

  /** With the features of what the model learned. */
  static async open(
    work: AttributionWork,
    member: MemberModel,
    quantity: StoredQuantity,
    onProgress: OnProgress,
  ): Promise<MemberFeatures> {
    const { learned } = work.model;
    const train = await fillStore(work, member, quantity, learned, (done) =>
      onProgress(done, learned.length),
    );
    return new MemberFeatures(work, member, quantity, train);
  }

  get columns(): number {
    return this.#train.columns;
  }

  get seconds(): number {
    return this.#train.seconds;
  }

  get byteCount(): number {
    return this.#train.byteCount;
  }

  train(): RowBlocks {
    return asCompared(this.#work.method, this.#train.blocks());
  }

  /** 'residuals' 1 − p, or 'losses', of the learned images. */
  trainSide(name: 'residuals' | 'losses'): Float32Array {
    return this.#train.side(name);
  }

  async fill(targets: readonly LabelledRow[], onProgress: OnProgress): Promise<number> {
    const missing = targets.filter((target) => !this.#places.has(keyOf(target)));
    if (missing.length === 0) return 0;
    const store = await fillStore(this.#work, this.#member, this.#quantity, missing, (done) =>
      onProgress(done, missing.length),
    );
    this.#index(store, missing);
    return store.seconds;
  }

  at(targets: readonly LabelledRow[]): Promise<Matrix> {
    const gathered = zeros32(targets.length, this.columns);
    this.#eachStore(targets, (store, rows, places) => {
      const { data } = store.rowsAt(rows);
      for (const [index, place] of places.entries())
        gathered.data.set(
          data.subarray(index * this.columns, (index + 1) * this.columns),
          place * this.columns,
        );
    });
    return Promise.resolve(this.#work.method.featureLength === 'unit' ? unitRows(gathered) : gathered);
  }

  /** Residuals of targets that were filled, in order. */
  residualsAt(targets: readonly LabelledRow[]): Float32Array {
    const residuals = new Float32Array(targets.length);
    this.#eachStore(targets, (store, rows, places) => {
      const side = store.side('residuals');
      for (const [index, place] of places.entries()) residuals[place] = side[rows[index]!]!;
    });
    return residuals;
  }

  #index(store: FeatureStore, rows: readonly LabelledRow[]): void {
    for (const [row, target] of rows.entries()) this.#places.set(keyOf(target), { store, row });
  }

  /** Targets by the store that has them: their rows in it, and their places among the targets. */
  #eachStore(
    targets: readonly LabelledRow[],
    visit: (store: FeatureStore, rows: readonly number[], places: readonly number[]) => void,
  ): void {
    const found = targets.map((target) => this.#places.get(keyOf(target))!);
    const byStore = Map.groupBy(found.keys(), (place) => found[place]!.store);
    for (const [store, places] of byStore)
      visit(
        store,
        places.map((place) => found[place]!.row),
        places,
      );
  }
}

function keyOf({ sampleId, classIndex }: LabelledRow): string {
  return `${sampleId} ${classIndex}`;
}

function asCompared({ featureLength }: AttributionMethod, blocks: Iterable<Rows>): Iterable<Rows> {
  return featureLength === 'unit' ? withUnitLength(blocks) : blocks;
}
