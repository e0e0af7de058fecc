/**
 * @file The run that removes the training images that score highest for a generated image, trains again from the model's own seeds and makes the image
 * again from its own: how far it moves, beside removing as many at random (METHODS §1.6, §3.7).
 */
import { AppError } from '../../../core/base/app-error.ts';
import { Random } from '../../../core/base/random.ts';
import { comparePaired, typicalValue } from '../../../core/evaluation/counterfactual.ts';
import type {
  EvaluateCounterfactualConfig,
  RemovalMethod,
} from '../../../contract/generation-evaluation-configs.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import { partOf } from '../../attributing/progress-part.ts';
import { generationOf } from '../../generating/query-generation.ts';
import type { RunContext, RunSummary } from '../../runs/run-context.ts';
import { saveEvaluations, type NewEvaluation } from '../../storage/evaluations.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import type { StoredQuery } from '../../storage/queries.ts';
import { withGenerativeEvaluation, type GenerativeWork } from './generative-work.ts';
import { chooseRemovals, largestClassShare, type RemovalChoice } from './removal-choices.ts';
import {
  madeImages,
  makeAgain,
  movementsOf,
  remakeWithout,
  type ImagePair,
  type MadeImage,
  type Movement,
} from './remade-images.ts';

/** Share of the run's time that scoring takes, roughly. */
const SCORING = 0.1;

interface MovedImages {
  readonly choice: RemovalChoice;
  /** Of each query, in order. */
  readonly movements: readonly Movement[];
}

export function counterfactualRun(
  folder: ProjectFolder,
  config: EvaluateCounterfactualConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  return withGenerativeEvaluation(folder, config, context, tools, async (work) => {
    const made = await madeImages(work, drawGenerated(work, config));
    const moved = await moveImages(work, config, await chooseAll(work, config, made), made);
    const random = moved.find(({ choice }) => choice.method === 'random')!;
    const evaluations = moved.map((own) => evaluate(work, config, made, own, random));
    saveEvaluations(folder.connection, context.runId, evaluations);
    const best = evaluations.reduce((left, right) => (right.score > left.score ? right : left));
    return {
      modelId: work.model.id,
      furthest: best.title,
      score: best.score,
      deviation: best.deviation,
      random: best.chance?.mean ?? best.score,
      queries: made.length,
      removed: random.choice.removed[0]!.length,
    };
  });
}

/** Those that were named, else some that the model made, in the order of their numbers. */
function drawGenerated(
  { queries, model }: GenerativeWork,
  config: EvaluateCounterfactualConfig,
): readonly StoredQuery[] {
  if (config.queries.length > 0) return queries;
  const candidates = queries.filter((query) => generationOf(query, model) !== null);
  if (candidates.length === 0)
    throw new AppError('queries-missing', { reason: `model ${model.id} made none of those of the project` });
  const order = new Random(config.seed, 'counterfactual queries').permutation(candidates.length);
  return Array.from(order.subarray(0, config.queryCount).sort(), (place) => candidates[place]!);
}

async function chooseAll(
  work: GenerativeWork,
  config: EvaluateCounterfactualConfig,
  made: readonly MadeImage[],
): Promise<RemovalChoice[]> {
  const methods = [...new Set<RemovalMethod>([...config.methods, 'random'])];
  const queries = made.map(({ query }) => query);
  const chosen: RemovalChoice[] = [];
  for (const [index, method] of methods.entries()) {
    const [from, to] = [index, index + 1].map((done) => (SCORING * done) / methods.length);
    const context = partOf(work.context, from!, to!);
    chosen.push(await chooseRemovals(work, config, method, queries, context));
  }
  return chosen;
}

/** Query by query, so that what is there early can be compared. */
async function moveImages(
  work: GenerativeWork,
  { seed }: EvaluateCounterfactualConfig,
  choices: readonly RemovalChoice[],
  made: readonly MadeImage[],
): Promise<MovedImages[]> {
  const part = partOf(work.context, SCORING, 1);
  const pairs = choices.map((): ImagePair[] => []);
  for (const [query, image] of made.entries()) {
    const original = await makeAgain(work, image, work.model.average);
    for (const [index, { removed, title }] of choices.entries()) {
      const done = query * choices.length + index;
      const report = (fraction: number): void =>
        part.progress(
          `Making image ${query + 1} of ${made.length} without what ${title} names`,
          (done + fraction) / (made.length * choices.length),
        );
      report(0);
      const remade = await remakeWithout(work, image, removed[query]!, report);
      pairs[index]!.push({ made: image, original, remade });
    }
  }
  const moved: MovedImages[] = [];
  for (const [index, choice] of choices.entries())
    moved.push({ choice, movements: await movementsOf(work, seed, pairs[index]!) });
  return moved;
}

function evaluate(
  { model }: GenerativeWork,
  { seed, share }: EvaluateCounterfactualConfig,
  made: readonly MadeImage[],
  own: MovedImages,
  random: MovedImages,
): NewEvaluation {
  const { choice, movements } = own;
  const distances = movements.map(({ distance }) => distance);
  const typical = typicalValue(distances, seed);
  const byChance = typicalValue(
    random.movements.map(({ distance }) => distance),
    seed,
  );
  const cosines = movements.map((movement) => movement.cosine);
  const cosine = typicalValue(cosines, seed);
  return {
    modelId: model.id,
    kind: 'counterfactual',
    title: choice.title,
    choices: null,
    diffusionChoices: choice.choices,
    score: typical.median,
    deviation: typical.deviation,
    ceiling: null,
    chance: own === random ? null : { mean: byChance.median, deviation: byChance.deviation },
    figures: {
      queries: movements.length,
      share,
      'removed images': choice.removed[0]!.length,
      'largest class among them': largestClassShare(model, choice.removed),
      cosine: cosine.median,
      'cosine ±': cosine.deviation,
      ...(own === random ? {} : comparison(own, random)),
    },
    curves: [curveOf('distance by query', made, distances), curveOf('cosine by query', made, cosines)],
    cost: choice.cost,
  };
}

/** x: the number of the query. */
function curveOf(
  name: string,
  made: readonly MadeImage[],
  values: readonly number[],
): NewEvaluation['curves'][number] {
  return { name, points: values.map((y, index) => ({ x: made[index]!.query.id, y, deviation: null })) };
}

/** Paired image by image. */
function comparison(own: MovedImages, random: MovedImages): Record<string, number> {
  const compare = (of: (movement: Movement) => number) =>
    comparePaired(own.movements.map(of), random.movements.map(of));
  const distance = compare((movement) => movement.distance);
  const cosine = compare((movement) => movement.cosine);
  return {
    'further than random by': distance.difference,
    'images further than random': distance.larger,
    'sign test p': distance.pValue,
    'cosine beside random': cosine.difference,
    'sign test p of the cosine': cosine.pValue,
  };
}
