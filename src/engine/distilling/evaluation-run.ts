/** @file The run that leaves clusters out in earnest and asks how well the synset foretold what that does, beside what else could have. */
import { Random } from '../../core/base/random.ts';
import { averageOutputs } from '../../core/evaluation/linear-datamodeling-score.ts';
import {
  leaveOneOutCeiling,
  leaveOneOutCorrelation,
  leaveOneOutDeviation,
  leaveOneOutLeadDeviation,
  leaveOneOutNull,
} from '../../core/evaluation/leave-one-out.ts';
import { effectsOfLeavingOut } from '../../core/attribution/datamodel/regress-outputs.ts';
import { leaveOneOut } from '../../core/attribution/datamodel/masks.ts';
import { pearson } from '../../core/linalg/ranks.ts';
import { zeros64, type Matrix, type Matrix64 } from '../../core/linalg/matrix.ts';
import { AttributionChoices, type AttributionCost } from '../../contract/attribution-choices.ts';
import { attributionTitle } from '../../contract/attribution-title.ts';
import type { EvaluateDatamodelConfig } from '../../contract/datamodel-configs.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import { drawQueries } from '../evaluating/draw-queries.ts';
import { withEvaluation, type EvaluationWork } from '../evaluating/evaluation-work.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { saveEvaluations, type NewEvaluation } from '../storage/evaluations.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { StoredSynset } from '../storage/synsets.ts';
import { predictRows } from '../training/predict.ts';
import { askSynset } from './ask-synset.ts';
import { clusterScores, perImage } from './cluster-scores.ts';
import { openRealFineTuning } from './fine-tune-real.ts';
import { openSynset, pinSynset } from './loaded-synset.ts';
import { outputChanges } from './output-changes.ts';
import { measureRemovals, type RemovalTruth } from './removal-truth.ts';
import type { SynsetArtifact } from './synset-artifact.ts';
import { weightDecayOf } from './weight-decay.ts';

const RESAMPLES = 200;
const NULL_DRAWS = 20;
/** Share of the run's time that training takes, roughly. */
const TRAINING = 0.85;

interface Comparison {
  readonly config: EvaluateDatamodelConfig;
  readonly work: EvaluationWork;
  readonly synset: StoredSynset;
  readonly artifact: SynsetArtifact;
  readonly queries: readonly LabelledRow[];
  /** Clusters that are left out. */
  readonly clusters: readonly number[];
}

/** One way to foretell what leaving a cluster out does. */
interface Foretold {
  readonly title: string;
  readonly choices: AttributionChoices | null;
  /** [queries, removed clusters]; positive where the cluster helps. */
  readonly effects: Matrix64;
  readonly cost: AttributionCost | null;
  readonly figures: Readonly<Record<string, number>>;
}

export function datamodelEvaluationRun(
  folder: ProjectFolder,
  config: EvaluateDatamodelConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const synset = pinSynset(connection, context.runId, config);
  return withEvaluation(folder, { modelId: synset.modelId }, context, tools, async (work) => {
    const artifact = openSynset(folder, synset, work.model);
    const queries = drawQueries(work.model, config.queryCount, config.seed);
    const order = new Random(config.seed, 'clusters left out').permutation(synset.clusterCount);
    const clusters = [...order.subarray(0, config.removals).sort()];
    const comparison: Comparison = { config, work, synset, artifact, queries, clusters };
    const rest = { ...comparison, work: { ...work, context: partOf(context, TRAINING, 1) } };
    const answered = await bySynset(rest);
    const foretold = [
      answered,
      ...(await byAttribution(rest)),
      await bySimilarity(rest),
      await byRealImages(rest, answered.figures['learning rate']!),
    ];
    const part = partOf(context, 0, TRAINING);
    const { assignment } = artifact;
    const truth = await measureRemovals(work.retraining, assignment, clusters, config, queries, part);
    const evaluations = judge(comparison, foretold, truth);
    saveEvaluations(connection, context.runId, evaluations);
    const [own] = evaluations;
    return {
      ...{ modelId: work.model.id, synsetId: synset.id, score: own!.score, deviation: own!.deviation },
      ...{ ceiling: own!.ceiling, removals: clusters.length, queries: queries.length },
      trainSeconds: truth.seconds,
    };
  });
}

async function bySynset({
  config,
  work,
  synset,
  artifact,
  queries,
  clusters,
}: Comparison): Promise<Foretold> {
  const { model, tools, folder, context } = work;
  const rows = Int32Array.from(queries, ({ row }) => row);
  const started = performance.now();
  const answer = await askSynset(tools, {
    ...{ model, artifact, rows, signal: context.signal },
    masks: leaveOneOut(synset.clusterCount),
    training: trainingOf(config, weightDecayOf(folder, model)),
    onProgress: () => context.progress('Asking the synset', 0),
  });
  const serveSeconds = (performance.now() - started) / 1000;
  const changes = outputChanges(answer, queries, config.measured);
  return {
    title: 'Distilled datamodel (reconstructed)',
    choices: null,
    effects: pickColumns(effectsOfLeavingOut(changes), clusters),
    cost: { trainSeconds: 0, cacheSeconds: synset.seconds, serveSeconds, modelBytes: 0, featureBytes: 0 },
    figures: { together: answer.together, 'learning rate': answer.learningRate },
  };
}

function trainingOf({ steps, synsetLearningRate, momentum }: EvaluateDatamodelConfig, weightDecay: number) {
  return { steps, learningRate: synsetLearningRate, momentum, weightDecay };
}

/** The asked attribution, its scores summed over each cluster, and as means over its images. */
async function byAttribution({ config, work, artifact, queries, clusters }: Comparison): Promise<Foretold[]> {
  const choices = AttributionChoices.parse(config);
  const { sizes } = artifact.synset;
  const { sums, cost } = await clusterScores(work, choices, queries, artifact.assignment, sizes.length);
  const title = attributionTitle(choices);
  const figures = {};
  return [
    { title: `${title}, sum`, choices, effects: pickColumns(sums, clusters), cost, figures },
    {
      title: `${title}, mean`,
      choices,
      effects: pickColumns(perImage(sums, sizes), clusters),
      cost,
      figures,
    },
  ];
}

async function bySimilarity({ work, artifact, queries, clusters }: Comparison): Promise<Foretold> {
  const choices = AttributionChoices.parse({ method: 'embedding-cos' });
  const { sizes } = artifact.synset;
  const { sums, cost } = await clusterScores(work, choices, queries, artifact.assignment, sizes.length);
  const effects = pickColumns(perImage(sums, sizes), clusters);
  return { title: `${attributionTitle(choices)}, mean`, choices, effects, cost, figures: {} };
}

/** Going on from the model on the real images without the cluster: what a perfect synset could be hoped to give. */
async function byRealImages(
  { config, work, artifact, queries, clusters }: Comparison,
  learningRate: number,
): Promise<Foretold> {
  const { model, tools, folder, context, retraining } = work;
  const { executor } = tools;
  const { signal } = context;
  const rows = Int32Array.from(queries, ({ row }) => row);
  const started = performance.now();
  const tuning = await openRealFineTuning(executor, {
    ...{ model, assignment: artifact.assignment, seed: config.seed, signal },
    batchSize: Math.min(retraining.recipe.settings.batchSize, model.learned.length),
    training: {
      ...trainingOf(config, weightDecayOf(folder, model)),
      learningRate,
    },
  });
  try {
    const logitsWithout = async (cluster: number): Promise<Float32Array> => {
      const parameters = await tuning.without(cluster);
      return (await predictRows(executor, { ...model, parameters, rows, signal })).logits;
    };
    const control = await logitsWithout(-1);
    const perturbed: Float32Array[] = [];
    for (const [place, cluster] of clusters.entries()) {
      context.progress('Going on without each cluster', 0.5 + (0.5 * place) / clusters.length);
      perturbed.push(await logitsWithout(cluster));
    }
    const effects = effectsOfLeavingOut(outputChanges({ perturbed, control }, queries, config.measured));
    const serveSeconds = (performance.now() - started) / 1000;
    const cost = { trainSeconds: 0, cacheSeconds: 0, serveSeconds, modelBytes: 0, featureBytes: 0 };
    return { title: 'Going on without the real images', choices: null, effects, cost, figures: {} };
  } finally {
    await tuning.dispose();
  }
}

function judge(
  { config, work, queries, clusters }: Comparison,
  foretold: readonly Foretold[],
  truth: RemovalTruth,
): NewEvaluation[] {
  const effects = averageOutputs(truth.effects);
  const [own] = foretold;
  return foretold.map((way) => {
    const { score, dropped } = leaveOneOutCorrelation(way.effects, effects);
    const isOwn = way === own;
    const lead = leaveOneOutCorrelation(own!.effects, effects).score - score;
    const leadFigures = isOwn
      ? {}
      : {
          'lead of the synset': lead,
          'lead deviation': leaveOneOutLeadDeviation(
            own!.effects,
            way.effects,
            effects,
            RESAMPLES,
            config.seed,
          ),
        };
    return {
      ...{ modelId: work.model.id, kind: 'ddm', title: way.title, choices: way.choices, score, curves: [] },
      deviation: leaveOneOutDeviation(way.effects, effects, RESAMPLES, config.seed),
      ceiling: truth.effects.length > 1 ? leaveOneOutCeiling(truth.effects) : null,
      chance: leaveOneOutNull(way.effects, effects, NULL_DRAWS, config.seed),
      figures: {
        ...{ queries: queries.length, 'constant queries': dropped, clusters: clusters.length },
        repeats: truth.effects.length,
        'correlation of mean effects': pearson(columnMeans(way.effects), columnMeans(effects)),
        'seconds of retraining': truth.seconds,
        ...way.figures,
        ...leadFigures,
      },
      cost: way.cost,
    };
  });
}

/** Over queries: what a cluster does to all of them together. */
function columnMeans({ rows, columns, data }: Matrix): Float64Array {
  const means = new Float64Array(columns);
  data.forEach((value, index) => (means[index % columns]! += value / rows));
  return means;
}

function pickColumns(matrix: Matrix64, columns: readonly number[]): Matrix64 {
  const picked = zeros64(matrix.rows, columns.length);
  for (let row = 0; row < matrix.rows; row++)
    for (const [place, column] of columns.entries())
      picked.data[row * columns.length + place] = matrix.data[row * matrix.columns + column]!;
  return picked;
}
