/**
 * @file The run that removes the strongest proponents of predictions, trains again and counts which predictions flip, beside removing as
 * many images at random (METHODS §1.6).
 */
import { TopInfluences } from '../../core/attribution/top-influences.ts';
import { measureBrittleness, shareOf, type BrittlenessPoint } from '../../core/evaluation/brittleness.ts';
import { AppError } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import { AttributionChoices, type AttributionCost } from '../../contract/attribution-choices.ts';
import type { EvaluateBrittlenessConfig } from '../../contract/evaluation-configs.ts';
import { openAttribution } from '../attributing/attribution.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { saveEvaluations, type NewEvaluation } from '../storage/evaluations.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { indexOfLargest, predictRows } from '../training/predict.ts';
import { attributionTitle } from '../../contract/attribution-title.ts';
import { drawQueries, queryCandidates } from './draw-queries.ts';
import { withEvaluation, type EvaluationWork } from './evaluation-work.ts';
import { modelStream, retrainAndPredict } from './retrain.ts';

/** Share of the run's time that scoring takes, roughly. */
const SCORING = 0.05;
/** Random removals of each size; one training of each tells about all queries. */
const CONTROL_DRAWS = 3;

export function brittlenessRun(
  folder: ProjectFolder,
  config: EvaluateBrittlenessConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  return withEvaluation(folder, config, context, tools, async (work) => {
    const removals = usableRemovals(config.removals, work.model.learned.length);
    const queries = await drawRightQueries(work, config);
    const choices = AttributionChoices.parse(config);
    const { proponents, cost } = await findProponents(work, choices, queries, removals.at(-1)!);
    const trainer = new RemovalTrainer(work, queries, config.repeats, {
      total: queries.length * removals.length + (removals.length * CONTROL_DRAWS + 1),
    });
    const points = await measureBrittleness(removals, proponents, async (query, removed) => {
      const flips = await trainer.without(removed, `Removing proponents of query ${query + 1}`);
      return flips[query]!;
    });
    const control = await measureControl(work, trainer, removals, config.seed);
    const evaluation = describe(work, choices, { points, control, queries: queries.length, config });
    saveEvaluations(folder.connection, context.runId, [{ ...evaluation, cost }]);
    const { modelId, score, deviation, chance } = evaluation;
    return {
      modelId,
      score,
      deviation,
      chance: chance!.mean,
      removed: removals.at(-1)!,
      queries: queries.length,
      cacheSeconds: cost.cacheSeconds,
      serveSeconds: cost.serveSeconds,
    };
  });
}

/** Rising; training has to have something left to learn from. */
function usableRemovals(removals: readonly number[], learned: number): number[] {
  const usable = [...new Set(removals)].filter((count) => count <= learned / 2).sort((a, b) => a - b);
  if (usable.length > 0) return usable;
  throw new AppError('usage-invalid', {
    reason: `At most half of the ${learned} images that the model learned can be removed`,
  });
}

/** Queries that the model gets right: only a right answer can be said to rest on its proponents. */
async function drawRightQueries(
  { model, tools, context }: EvaluationWork,
  { queryCount, seed }: EvaluateBrittlenessConfig,
): Promise<LabelledRow[]> {
  const candidates = drawQueries(model, queryCandidates(model).length, seed);
  const rows = Int32Array.from(candidates, ({ row }) => row);
  const { logits } = await predictRows(tools.executor, { ...model, rows, signal: context.signal });
  const count = model.classifier.outputCount;
  const right = candidates.filter(
    ({ classIndex }, query) =>
      indexOfLargest(logits.subarray(query * count, (query + 1) * count)) === classIndex,
  );
  if (right.length === 0)
    throw new AppError('labels-missing', {
      reason: `model ${model.id} gets none right that it has not learned`,
    });
  const drawn = new Random(seed, 'brittle queries').permutation(right.length).subarray(0, queryCount);
  return Array.from(drawn.sort(), (place) => right[place]!);
}

/** Of each query, as rows of the pixel source, strongest first. */
async function findProponents(
  { folder, model, tools, context }: EvaluationWork,
  choices: AttributionChoices,
  queries: readonly LabelledRow[],
  count: number,
): Promise<{ proponents: number[][]; cost: AttributionCost }> {
  const attribution = await openAttribution(folder, model, choices, partOf(context, 0, SCORING), tools);
  try {
    const rowOf = new Map<number, number>(model.learned.map(({ sampleId, row }) => [sampleId, row]));
    const trainIds = model.learned.map(({ sampleId }) => sampleId);
    const groups = new Map<readonly LabelledRow[], TopInfluences>();
    for await (const { targets, block } of attribution.scores(queries)) {
      const targetIds = targets.map(({ sampleId }) => sampleId);
      const top = groups.get(targets) ?? new TopInfluences(targetIds, trainIds, count);
      groups.set(targets, top);
      top.add(block);
    }
    // Groups come in the order of the queries.
    const proponents = [...groups.values()].flatMap((top) =>
      top.result().map((query) => query.proponents.map(({ sampleId }) => rowOf.get(sampleId)!)),
    );
    return { proponents, cost: attribution.cost() };
  } finally {
    await attribution.dispose();
  }
}

/** Trains without some of the images and tells which predictions are no longer right. */
class RemovalTrainer {
  readonly #work: EvaluationWork;
  readonly #queries: readonly LabelledRow[];
  readonly #repeats: number;
  readonly #total: number;
  #done = 0;

  constructor(
    work: EvaluationWork,
    queries: readonly LabelledRow[],
    repeats: number,
    { total }: { readonly total: number },
  ) {
    this.#work = work;
    this.#queries = queries;
    this.#repeats = repeats;
    this.#total = total;
  }

  /** Per query, the share of the repeats in which its prediction flipped. */
  async without(removed: readonly number[], stage: string): Promise<Float64Array> {
    const { model, retraining, context } = this.#work;
    const part = partOf(context, SCORING, 1);
    const gone = new Set(removed);
    const rows = Int32Array.from(model.learned, ({ row }) => row).filter((row) => !gone.has(row));
    const measured = Int32Array.from(this.#queries, ({ row }) => row);
    const count = model.classifier.outputCount;
    const flips = new Float64Array(this.#queries.length);
    for (let repeat = 0; repeat < this.#repeats; repeat++) {
      const onProgress = (fraction: number): void =>
        part.progress(stage, (this.#done + (repeat + fraction) / this.#repeats) / this.#total);
      onProgress(0);
      const stream = repeat === 0 ? modelStream : `repeat ${repeat}`;
      const logits = await retrainAndPredict(retraining, { rows, stream, onProgress }, measured);
      for (const [query, { classIndex }] of this.#queries.entries()) {
        const guess = indexOfLargest(logits.subarray(query * count, (query + 1) * count));
        if (guess !== classIndex) flips[query]! += 1 / this.#repeats;
      }
    }
    this.#done++;
    return flips;
  }
}

/** What removing as many images at random does; with none removed, what training again does by itself. */
async function measureControl(
  { model }: EvaluationWork,
  trainer: RemovalTrainer,
  removals: readonly number[],
  seed: number,
): Promise<BrittlenessPoint[]> {
  const points: BrittlenessPoint[] = [];
  for (const removed of [0, ...removals]) {
    const shares: number[] = [];
    for (let draw = 0; draw < (removed === 0 ? 1 : CONTROL_DRAWS); draw++) {
      const order = new Random(seed, `random removal ${removed}/${draw}`).permutation(model.learned.length);
      const rows = Array.from(order.subarray(0, removed), (place) => model.learned[place]!.row);
      shares.push(...(await trainer.without(rows, `Removing ${removed} images at random`)));
    }
    points.push({ removed, ...shareOf(shares) });
  }
  return points;
}

function describe(
  { model, retraining }: EvaluationWork,
  choices: AttributionChoices,
  measured: {
    readonly points: readonly BrittlenessPoint[];
    readonly control: readonly BrittlenessPoint[];
    readonly queries: number;
    readonly config: EvaluateBrittlenessConfig;
  },
): Omit<NewEvaluation, 'cost'> {
  const { points, control, queries, config } = measured;
  const [most, chance] = [points.at(-1)!, control.at(-1)!];
  const curve = (name: string, of: readonly BrittlenessPoint[]): NewEvaluation['curves'][number] => ({
    name,
    points: of.map(({ removed, flipped, deviation }) => ({ x: removed, y: flipped, deviation })),
  });
  return {
    modelId: model.id,
    kind: 'brittleness',
    title: attributionTitle(choices),
    choices,
    score: most.flipped,
    deviation: most.deviation,
    ceiling: null,
    chance: { mean: chance.flipped, deviation: chance.deviation },
    figures: {
      queries,
      repeats: config.repeats,
      removed: most.removed,
      'flipped by training again': control[0]!.flipped,
      epochs: retraining.recipe.epochs,
    },
    curves: [curve('Strongest proponents removed', points), curve('Random images removed', control)],
  };
}
