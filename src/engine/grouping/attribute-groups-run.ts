/** @file The run that finds how much query images depend on groups of training images, always beside random groups of the same size. */
import { aggregateScores, type Aggregation } from '../../core/attribution/group/aggregate-scores.ts';
import { controlsNeeded, drawRandomGroups } from '../../core/attribution/group/controls.ts';
import { AppError } from '../../core/base/app-error.ts';
import { chooseSteps, lostEvidence } from '../../core/diffusion/evidence-bound.ts';
import { deviation, mean } from '../../core/linalg/ranks.ts';
import { makeMatrix, zeros64, type Matrix64 } from '../../core/linalg/matrix.ts';
import { DiffusionChoices, type AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import type { AttributionCost } from '../../contract/attribution-choices.ts';
import type { GroupControl } from '../../contract/groups-service.ts';
import type { GroupId } from '../../contract/vocabulary.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { partOf } from '../attributing/progress-part.ts';
import { askedImages } from '../attributing/queries/asked-images.ts';
import { dataHashOf, requireQueries } from '../attributing/queries/attribute-queries-run.ts';
import { openQueryAttribution } from '../attributing/queries/query-attribution.ts';
import { loadDenoiser, type LoadedDenoiser } from '../generating/loaded-denoiser.ts';
import { readQuerySet } from '../generating/query-files.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import {
  listGroupMembers,
  listGroups,
  listOverlaps,
  readGroup,
  saveGroupAttribution,
} from '../storage/groups.ts';
import { readQueries, type StoredQuery } from '../storage/queries.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { AlteredModels, type AlteringWork } from './altered-models.ts';
import {
  controlImages,
  judgeHeldOut,
  judgeRandomGroups,
  judgeUnlearning,
  judgeUnrelated,
  type ControlImages,
} from './group-controls.ts';
import { controlSizes } from './control-sizes.ts';
import { judgeQueries, judgeRow, type ScoredGroups } from './judged-groups.ts';

/** A group as far as the model learned it. */
interface LearnedGroup {
  readonly id: GroupId;
  readonly name: string;
  /** In `model.learned`, rising. */
  readonly places: Int32Array;
}

interface Work {
  readonly folder: ProjectFolder;
  readonly config: AttributeGroupsConfig;
  readonly context: RunContext;
  readonly tools: ComputeTools;
  readonly model: LoadedDenoiser;
  readonly queries: readonly StoredQuery[];
  readonly groups: readonly LearnedGroup[];
}

interface Found {
  readonly scored: ScoredGroups;
  readonly controls: (judged: ReturnType<typeof judgeQueries>) => GroupControl[];
  readonly cost: AttributionCost;
}

export async function attributeGroupsRun(
  folder: ProjectFolder,
  config: AttributeGroupsConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const modelId = pinModel(folder.connection, context.runId, config.modelId, 'generate');
  const queries = requireQueries(readQueries(folder.connection, config.queries));
  const model = await loadDenoiser(folder, modelId, context, tools.readPixels);
  try {
    requireSameData(folder.connection, context.runId, dataHashOf(model, queries));
    await tools.settleProvider?.({ network: model.denoiser.network, parameters: model.average });
    const groups = learnedGroups(folder, model, config);
    const work: Work = { folder, config, context, tools, model, queries, groups };
    const found = await (isAltering(config) ? byAlteredModels(work) : bySums(work));
    return store(work, found);
  } finally {
    model.pixels.close();
  }
}

function isAltering(config: AttributeGroupsConfig): config is AlteringWork['config'] {
  return config.method === 'guda' || config.method === 'ascent' || config.method === 'logo';
}

function learnedGroups(
  { connection }: ProjectFolder,
  model: LoadedDenoiser,
  config: AttributeGroupsConfig,
): LearnedGroup[] {
  const ids = config.groups.length === 0 ? listGroups(connection).map(({ id }) => id) : config.groups;
  if (ids.length === 0) throw new AppError('groups-missing', { reason: 'the project has none' });
  const placeOf = new Map(model.learned.map(({ sampleId }, place) => [sampleId, place]));
  return ids.map((id) => {
    const { name } = readGroup(connection, id);
    const places = Int32Array.from(
      listGroupMembers(connection, id).flatMap((sampleId) => placeOf.get(sampleId) ?? []),
    ).sort();
    const refuse = (reason: string): never => {
      throw new AppError('group-useless', { name, modelId: model.id, reason });
    };
    if (places.length === 0) refuse('the model learned none of its images');
    if (places.length === model.learned.length) refuse('it is all that the model learned');
    return { id, name, places };
  });
}

async function byAlteredModels(work: Work): Promise<Found> {
  const { folder, context, tools, model, queries, groups } = work;
  const config = work.config as AlteringWork['config'];
  const asked = await readQuerySet(folder, model, queries);
  const places = groups.map((group) => group.places);
  const beside = controlImages(model, places, config.seed);
  const measured = {
    keys: [...asked.keys, ...beside.set.keys],
    images: [...asked.images, ...beside.set.images],
    classIndices: [...asked.classIndices, ...beside.set.classIndices],
  };
  const steps = chooseSteps(model.denoiser.schedule, config.timestepCount, 'uniform');
  const altered = new AlteredModels({ folder, model, config, context, tools, measured, steps });
  try {
    const whole = await altered.whole();
    const sizes = controlSizes(places.map(({ length }) => length));
    const distinct = [...new Set(sizes)];
    const random = drawRandomGroups(distinct, model.learned.length, config.controls, config.seed);
    const total = groups.length * config.repeats + distinct.length * config.controls;
    let done = 0;
    const lost = async (name: string, out: Int32Array, repeat: number): Promise<Float64Array> => {
      const report = (fraction: number): void =>
        context.progress(
          `${config.method === 'logo' ? 'Training without' : 'Forgetting'} ${name}`,
          (done + fraction) / total,
        );
      report(0);
      const without = await altered.without({ name, places: out }, repeat, report);
      done++;
      return Float64Array.from({ length: whole.rows }, (_, row) => {
        const part = ({ data }: Matrix64): Float64Array =>
          data.subarray(row * steps.length, (row + 1) * steps.length);
        return lostEvidence(model.denoiser.schedule, steps, part(whole), part(without));
      });
    };
    const byGroup: Float64Array[][] = [];
    for (const { name, places: out } of groups) {
      const repeats: Float64Array[] = [];
      for (let repeat = 0; repeat < config.repeats; repeat++) repeats.push(await lost(name, out, repeat));
      byGroup.push(repeats);
    }
    const bySize = new Map<number, Matrix64>();
    for (const [index, size] of distinct.entries()) {
      const columns: Float64Array[] = [];
      for (const [control, out] of random[index]!.entries())
        columns.push(await lost(`random group ${control + 1} of ${size} images`, out, 0));
      bySize.set(size, columnsMatrix(columns, whole.rows));
    }
    const scores = columnsMatrix(
      byGroup.map((repeats) => over(repeats, mean)),
      whole.rows,
    );
    const scored: ScoredGroups = {
      groupIds: groups.map(({ id }) => id),
      sizes: places.map(({ length }) => length),
      scores,
      deviations:
        config.repeats === 1
          ? null
          : columnsMatrix(
              byGroup.map((repeats) => over(repeats, deviation)),
              whole.rows,
            ),
      controls: config.controls === 0 ? [] : sizes.map((size) => bySize.get(size)!),
      isSum: true,
      nullDistribution: 'normal',
    };
    const { making, measuring } = altered.seconds;
    return {
      scored,
      controls: (judged) => findControls(work, scored, beside, judged),
      cost: {
        trainSeconds: making,
        cacheSeconds: 0,
        serveSeconds: measuring,
        modelBytes: config.keepModels ? 4 * total * model.denoiser.network.parameterCount : 0,
        featureBytes: 0,
      },
    };
  } finally {
    await altered.dispose();
  }
}

function findControls(
  { queries, config }: Work,
  scored: ScoredGroups,
  { heldOutCount, members }: ControlImages,
  judged: ReturnType<typeof judgeQueries>,
): GroupControl[] {
  const first = queries.length;
  const heldOut = Array.from({ length: heldOutCount }, (_, index) => judgeRow(scored, first + 1 + index));
  const sums = { forgotten: 0, retained: 0 };
  const counts = { forgotten: 0, retained: 0 };
  for (const [index, { groups }] of members.entries()) {
    const row = first + 1 + heldOutCount + index;
    for (let group = 0; group < scored.groupIds.length; group++) {
      const kind = groups.has(group) ? 'forgotten' : 'retained';
      sums[kind] += scored.scores.data[row * scored.scores.columns + group]!;
      counts[kind]++;
    }
  }
  const forgetfulness = {
    forgotten: sums.forgotten / Math.max(1, counts.forgotten),
    retained: sums.retained / Math.max(1, counts.retained),
  };
  return [
    judgeRandomGroups(judged, config.controls),
    ...(config.controls === 0 ? [] : [judgeUnrelated(judgeRow(scored, first))]),
    judgeHeldOut(judged, heldOut),
    ...judgeUnlearning(forgetfulness, config.method === 'logo'),
  ];
}

type SumMethod = Exclude<AttributeGroupsConfig['method'], AlteringWork['config']['method']>;

const sumOf: Readonly<
  Record<SumMethod, { readonly method: DiffusionChoices['method']; readonly by: Aggregation }>
> = {
  'd-trak-sum': { method: 'd-trak', by: 'sum' },
  'trak-sum': { method: 'trak', by: 'sum' },
  'das-sum': { method: 'das', by: 'sum' },
  'embedding-mean': { method: 'embedding-cos', by: 'mean' },
  'pixel-mean': { method: 'pixel-cos', by: 'mean' },
};

async function bySums({ folder, config, context, tools, model, queries, groups }: Work): Promise<Found> {
  const { method, by } = sumOf[config.method as SumMethod];
  const choices = DiffusionChoices.parse({ method, seed: config.seed });
  const asked = await askedImages(folder, model, choices, queries, tools, context.signal);
  const attribution = await openQueryAttribution(
    { folder, model, choices, tools, context: partOf(context, 0, 0.95) },
    asked,
  );
  const all = zeros64(queries.length, model.learned.length);
  for await (const { firstRow, scores } of attribution.scores())
    for (let query = 0; query < scores.rows; query++)
      for (let column = 0; column < scores.columns; column++)
        all.data[query * all.columns + firstRow + column] = scores.data[query * scores.columns + column]!;
  const places = groups.map((group) => group.places);
  const sizes = places.map(({ length }) => length);
  // Sums cost nothing: as many random groups as ranks need.
  const count = Math.max(config.controls, controlsNeeded(groups.length));
  const random =
    config.controls === 0 ? [] : drawRandomGroups(sizes, model.learned.length, count, config.seed);
  const scored: ScoredGroups = {
    groupIds: groups.map(({ id }) => id),
    sizes,
    scores: aggregateScores(all, places, by),
    deviations: null,
    controls: random.map((drawn) => aggregateScores(all, drawn, by)),
    isSum: by === 'sum',
    nullDistribution: 'ranks',
  };
  return {
    scored,
    controls: (judged) => [judgeRandomGroups(judged, config.controls === 0 ? 0 : count)],
    cost: attribution.cost(),
  };
}

function store(
  { folder, config, context, model, queries, groups }: Work,
  { scored, controls, cost }: Found,
): RunSummary {
  const judged = judgeQueries(
    scored,
    queries.map(({ id }) => id),
  );
  const ids = new Set(groups.map(({ id }) => id));
  const findings = controls(judged);
  saveGroupAttribution(folder.connection, {
    runId: context.runId,
    modelId: model.id,
    choices: config,
    result: {
      groups: groups.map(({ id, name, places }) => ({ groupId: id, name, size: places.length })),
      queries: judged,
      controls: findings,
      overlaps: listOverlaps(folder.connection).filter(
        ({ first, second }) => ids.has(first) && ids.has(second),
      ),
    },
    cost,
  });
  return {
    modelId: model.id,
    groups: groups.length,
    queries: queries.length,
    attributed: judged.filter(({ verdict }) => verdict === 'attributed').length,
    diffuse: judged.filter(({ verdict }) => verdict === 'diffuse').length,
    controlsMet: `${findings.filter(({ met }) => met === true).length} of ${findings.filter(({ met }) => met !== null).length}`,
    trainSeconds: cost.trainSeconds,
    serveSeconds: cost.serveSeconds,
  };
}

function columnsMatrix(columns: readonly Float64Array[], rows: number): Matrix64 {
  const data = new Float64Array(rows * columns.length);
  for (const [column, values] of columns.entries())
    for (let row = 0; row < rows; row++) data[row * columns.length + column] = values[row]!;
  return makeMatrix(rows, columns.length, data);
}

/** A figure of each row over the repeats. */
function over(repeats: readonly Float64Array[], figure: (values: Float64Array) => number): Float64Array {
  return repeats[0]!.map((_, row) => figure(Float64Array.from(repeats, (values) => values[row]!)));
}
