/** @file Scores of query images against everything that a denoiser learned, by one method over one ensemble whose members take turns. */
import {
  diffusionDamping,
  diffusionMethods,
  hasGradients,
} from '../../../core/attribution/diffusion-registry.ts';
import { trainDivisors } from '../../../core/attribution/normalise.ts';
import {
  fitPreconditioner,
  identityPreconditioner,
  type Damping,
  type Preconditioner,
} from '../../../core/attribution/preconditioner.ts';
import {
  meanWeights,
  scoreQueries,
  withUnitLength,
  type AdjustBlock,
  type ScoreBlock,
  type ScoringMember,
} from '../../../core/attribution/score-queries.ts';
import { AppError, throwIfCancelled } from '../../../core/base/app-error.ts';
import type { RowBlocks } from '../../../core/linalg/gram.ts';
import { zeros64, type Matrix, type Matrix64 } from '../../../core/linalg/matrix.ts';
import { rowOf } from '../../../core/linalg/row-algebra.ts';
import { unitRows } from '../../../core/linalg/unit-rows.ts';
import type { AttributionCost } from '../../../contract/attribution-choices.ts';
import type { FeatureStore } from '../../artifacts/feature-store.ts';
import { partOf } from '../progress-part.ts';
import { denoiserMembers, type DenoiserMember } from './denoiser-members.ts';
import { fillTrainFeatures, queryFeatures } from './query-features.ts';
import type { AskedImage, QueryWork } from './query-work.ts';

interface OpenMember {
  readonly model: DenoiserMember;
  readonly train: FeatureStore;
  readonly queries: Matrix;
}

export interface QueryAttribution {
  /** Of the first member; null where the method has none. */
  readonly damping: Damping | null;
  /** k: numbers per image that are compared. */
  readonly featureLength: number;
  cost(): AttributionCost;
  /** Scores [queries, some learned images], block after block; positive: the training image helps the query. */
  scores(withDeviations?: boolean): AsyncGenerator<ScoreBlock>;
}

/** Makes the members and all features, or finds them where they were made before. Progress: to 0.9 here, then in `scores`. */
export async function openQueryAttribution(
  given: Omit<QueryWork, 'method'>,
  queries: readonly AskedImage[],
): Promise<QueryAttribution> {
  const work: QueryWork = { ...given, method: diffusionMethods[given.choices.method] };
  requireMeaningful(work);
  const alone = work.choices.ensemble === 'independent' && work.choices.models === 1;
  const made = alone ? 0 : 0.4;
  const models = await denoiserMembers({ ...work, context: partOf(work.context, 0, made) });
  const members = await openMembers({ ...work, context: partOf(work.context, made, 0.9) }, models, queries);
  return new Scorer(work, members);
}

/** All scores at once, [queries, learned images]. */
export async function allScores(
  attribution: QueryAttribution,
  queryCount: number,
  learnedCount: number,
): Promise<Matrix64> {
  const all = zeros64(queryCount, learnedCount);
  for await (const { firstRow, scores } of attribution.scores())
    for (let query = 0; query < scores.rows; query++)
      all.data.set(rowOf(scores, query), query * learnedCount + firstRow);
  return all;
}

async function openMembers(
  work: QueryWork,
  models: readonly DenoiserMember[],
  queries: readonly AskedImage[],
): Promise<{ members: OpenMember[]; serveSeconds: number }> {
  const members: OpenMember[] = [];
  let serveSeconds = 0;
  const shown = queries.map(({ journey, ...query }) => ({ ...query, views: journey ?? query.views }));
  for (const [index, model] of models.entries()) {
    const suffix = models.length === 1 ? '' : `, ${model.name}`;
    const report = (stage: string, from: number, to: number) => (done: number, total: number) =>
      work.context.progress(
        `${stage}${suffix}`,
        (index + from + ((to - from) * done) / total) / models.length,
        {
          images: done,
        },
      );
    const train = await fillTrainFeatures(work, model, report('Gradients of the training images', 0, 0.8));
    const start = performance.now();
    const asked = await queryFeatures(work, model, shown, report('Gradients of the queries', 0.8, 1));
    serveSeconds += (performance.now() - start) / 1000;
    members.push({ model, train, queries: asked });
  }
  return { members, serveSeconds };
}

function requireMeaningful({ choices, method }: QueryWork): void {
  if (choices.normalisation !== 'none' && !hasGradients(method))
    throw new AppError('normalisation-without-gradients', {
      method: choices.method,
      normalisation: choices.normalisation,
    });
  if (choices.ensemble === 'checkpoints' && choices.models > 1)
    throw new AppError('usage-invalid', {
      reason:
        'Checkpoints are kept of the model itself and of none that is trained beside it: ask for one model',
    });
}

class Scorer implements QueryAttribution {
  damping: Damping | null = null;
  readonly #work: QueryWork;
  readonly #members: readonly OpenMember[];
  #serveSeconds: number;
  #fitSeconds = 0;

  constructor(work: QueryWork, { members, serveSeconds }: { members: OpenMember[]; serveSeconds: number }) {
    this.#work = work;
    this.#members = members;
    this.#serveSeconds = serveSeconds;
  }

  get featureLength(): number {
    return this.#members[0]!.train.columns;
  }

  cost(): AttributionCost {
    const sum = (of: (member: OpenMember) => number): number =>
      this.#members.reduce((total, member) => total + of(member), 0);
    return {
      trainSeconds: sum(({ model }) => model.cost.trainSeconds),
      cacheSeconds: sum(({ train }) => train.seconds) + this.#fitSeconds,
      serveSeconds: this.#serveSeconds,
      modelBytes: sum(({ model }) => model.cost.modelBytes),
      featureBytes: sum(({ train }) => train.byteCount),
    };
  }

  async *scores(withDeviations = false): AsyncGenerator<ScoreBlock> {
    const weights =
      this.#work.method.sampleWeight === 'residual'
        ? meanWeights(this.#members.map(({ train }) => train.side('residuals')))
        : null;
    let start = performance.now();
    for await (const block of scoreQueries(
      this.#inTurn(),
      weights,
      withDeviations && this.#members.length > 1,
    )) {
      this.#serveSeconds += (performance.now() - start) / 1000;
      throwIfCancelled(this.#work.context.signal);
      yield block;
      start = performance.now();
    }
  }

  async *#inTurn(): AsyncGenerator<ScoringMember> {
    const { method, context, choices } = this.#work;
    for (const [index, member] of this.#members.entries()) {
      throwIfCancelled(context.signal);
      context.progress('Scoring', 0.9 + (0.1 * index) / this.#members.length);
      const start = performance.now();
      const preconditioner = await this.#fit(member);
      const divisors = await trainDivisors(choices.normalisation, preconditioner, this.#train(member));
      this.#fitSeconds += (performance.now() - start) / 1000;
      const isUnit = method.featureLength === 'unit';
      yield {
        queries: await preconditioner.prepare(isUnit ? unitRows(member.queries) : member.queries),
        train: this.#train(member),
        adjust: scaled(divisors, member.model.weight),
      };
    }
  }

  async #fit(member: OpenMember): Promise<Preconditioner> {
    const { method, tools, choices } = this.#work;
    if (method.preconditioner === 'identity') return identityPreconditioner(tools.matrixEngine);
    const relative = choices.relativeDamping ?? diffusionDamping;
    const size = { rows: member.train.rowCount, columns: member.train.columns };
    const fitted = await fitPreconditioner(this.#train(member), relative, tools.matrixEngine, size);
    this.damping ??= fitted.damping;
    return fitted;
  }

  #train({ train }: OpenMember): RowBlocks {
    return this.#work.method.featureLength === 'unit' ? withUnitLength(train.blocks()) : train.blocks();
  }
}

function scaled(divisors: Float64Array | null, weight: number): AdjustBlock {
  return ({ firstRow, scores }) => {
    if (divisors === null && weight === 1) return;
    const { rows, columns, data } = scores;
    for (let query = 0; query < rows; query++)
      for (let column = 0; column < columns; column++) {
        const divisor = divisors?.[firstRow + column] ?? 1;
        data[query * columns + column]! *= divisor === 0 ? 0 : weight / divisor;
      }
  };
}
