/** @file Gradients of one member of an ensemble as long as they are: computed anew whenever they are read, never stored. */
import type { Matrix } from '../../core/linalg/matrix.ts';
import type { RowBlocks } from '../../core/linalg/gram.ts';
import type { AttributionWork } from './attribution-work.ts';
import { WholeGradients } from './curvature/whole-gradients.ts';
import type { LabelledRow } from './loaded-model.ts';
import type { ReadableFeatures } from './member-features.ts';
import type { MemberModel } from './member-model.ts';
import { featureModelOf } from './member-network.ts';

export class WholeFeatures implements ReadableFeatures {
  readonly columns: number;
  readonly seconds = 0;
  readonly byteCount = 0;
  readonly #work: AttributionWork;
  readonly #member: MemberModel;

  constructor(work: AttributionWork, member: MemberModel) {
    this.#work = work;
    this.#member = member;
    this.columns = member.network.parameterCount;
  }

  train(): RowBlocks {
    return this.#train();
  }

  fill(): Promise<number> {
    return Promise.resolve(0);
  }

  at(targets: readonly LabelledRow[]): Promise<Matrix> {
    return this.#during((gradients) => gradients.at(targets));
  }

  async *#train(): AsyncGenerator<Matrix> {
    const gradients = this.#open();
    try {
      yield* gradients.blocks(this.#work.model.learned);
    } finally {
      await gradients.dispose();
    }
  }

  async #during<Result>(work: (gradients: WholeGradients) => Promise<Result>): Promise<Result> {
    const gradients = this.#open();
    try {
      return await work(gradients);
    } finally {
      await gradients.dispose();
    }
  }

  #open(): WholeGradients {
    const { tools, context } = this.#work;
    return new WholeGradients(tools.executor, featureModelOf(this.#work, this.#member), context.signal);
  }
}
