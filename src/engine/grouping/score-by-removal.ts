/** @file Scores of groups by models without them: each group is unlearned or left out of a training, and what the queries lose in evidence is measured. */
import { drawRandomGroups } from '../../core/attribution/group/controls.ts';
import { chooseSteps, lostEvidence } from '../../core/diffusion/evidence-bound.ts';
import { deviation, mean } from '../../core/linalg/ranks.ts';
import { makeMatrix, zeros64, type Matrix64 } from '../../core/linalg/matrix.ts';
import type { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import type { GroupControl, QueryGroupScores } from '../../contract/groups-service.ts';
import { readQuerySet } from '../generating/query-files.ts';
import { AlteredModels, type AlteringWork, type Removal } from './altered-models.ts';
import { controlSizes } from './control-sizes.ts';
import {
  controlImages,
  judgeHeldOut,
  judgeRandomGroups,
  judgeUnlearning,
  judgeUnrelated,
  type ControlImages,
} from './group-controls.ts';
import type { FoundGroups, GroupWork } from './group-work.ts';
import { judgeRow, rowOf, type ScoredGroups } from './judged-groups.ts';

type RemovalWork = GroupWork & Pick<AlteringWork, 'config'>;

export function isAltering(config: AttributeGroupsConfig): config is AlteringWork['config'] {
  return config.method === 'guda' || config.method === 'ascent' || config.method === 'logo';
}

/** What queries lose in evidence where a group is unlearned or left out of training. */
export async function scoreByRemoval(work: RemovalWork): Promise<FoundGroups> {
  const { folder, config, context, tools, model, queries, groups } = work;
  const asked = await readQuerySet(folder, model, queries, context);
  const places = groups.map((group) => group.places);
  const beside = await controlImages(model, places, config.seed);
  const measured = {
    keys: [...asked.keys, ...beside.set.keys],
    images: [...asked.images, ...beside.set.images],
    classIndices: [...asked.classIndices, ...beside.set.classIndices],
  };
  const steps = chooseSteps(model.denoiser.schedule, config.timestepCount, 'uniform');
  const altered = new AlteredModels({ folder, model, config, context, tools, measured, steps });
  try {
    const removals = removalsOf(work);
    const losses = new EvidenceLosses(work, altered, steps, await altered.whole(), removals.count);
    const repeats: Matrix64[] = [];
    for (let repeat = 0; repeat < config.repeats; repeat++)
      repeats.push(await losses.ofEach(removals.groups, repeat));
    const bySize = new Map<number, Matrix64>();
    for (const [size, random] of removals.random) bySize.set(size, await losses.ofEach(random, 0));
    const sizes = places.map(({ length }) => length);
    const scored: ScoredGroups = {
      groupIds: groups.map(({ id }) => id),
      sizes,
      scores: over(repeats, mean),
      deviations: config.repeats === 1 ? null : over(repeats, deviation),
      controls: config.controls === 0 ? [] : controlSizes(sizes).map((size) => bySize.get(size)!),
      isSum: true,
      nullDistribution: 'normal',
    };
    const { making, measuring } = altered.seconds;
    return {
      scored,
      repeats,
      controls: (judged) => findControls(work, scored, beside, judged),
      cost: {
        trainSeconds: making,
        cacheSeconds: 0,
        serveSeconds: measuring,
        modelBytes: config.keepModels ? 4 * removals.count * model.denoiser.network.parameterCount : 0,
        featureBytes: 0,
      },
    };
  } finally {
    await altered.dispose();
  }
}

/** The groups, random groups of each of their sizes, and how many models all of them ask for. */
function removalsOf({ config, groups, model }: RemovalWork): {
  readonly groups: readonly Removal[];
  readonly random: ReadonlyMap<number, readonly Removal[]>;
  readonly count: number;
} {
  const sizes = [...new Set(controlSizes(groups.map(({ places }) => places.length)))];
  const drawn = drawRandomGroups(sizes, model.learned.length, config.controls, config.seed);
  const random = sizes.map((size, index) => {
    const removals = drawn[index]!.map((places, control) => ({
      name: `random group ${control + 1} of ${size} images`,
      places,
    }));
    return [size, removals] as const;
  });
  const count = groups.length * config.repeats + sizes.length * config.controls;
  return { groups, random: new Map(random), count };
}

/** Nats of the evidence bound that measured images lose without some training images. */
class EvidenceLosses {
  readonly #work: RemovalWork;
  readonly #altered: AlteredModels;
  readonly #steps: Int32Array;
  readonly #whole: Matrix64;
  readonly #total: number;
  #done = 0;

  /** `whole`: errors of the model itself, [images, steps]; `total`: of the removals that will be asked for. */
  constructor(work: RemovalWork, altered: AlteredModels, steps: Int32Array, whole: Matrix64, total: number) {
    this.#work = work;
    this.#altered = altered;
    this.#steps = steps;
    this.#whole = whole;
    this.#total = total;
  }

  /** [images, removals] */
  async ofEach(removals: readonly Removal[], repeat: number): Promise<Matrix64> {
    const lost = zeros64(this.#whole.rows, removals.length);
    for (const [column, removal] of removals.entries())
      for (const [row, loss] of (await this.#of(removal, repeat)).entries())
        lost.data[row * lost.columns + column] = loss;
    return lost;
  }

  async #of(removal: Removal, repeat: number): Promise<Float64Array> {
    const { config, context, model } = this.#work;
    const verb = config.method === 'logo' ? 'Training without' : 'Forgetting';
    const report = (fraction: number): void =>
      context.progress(`${verb} ${removal.name}`, (this.#done + fraction) / this.#total);
    report(0);
    const without = await this.#altered.without(removal, repeat, report);
    this.#done++;
    return Float64Array.from({ length: without.rows }, (_, row) =>
      lostEvidence(model.denoiser.schedule, this.#steps, rowOf(this.#whole, row), rowOf(without, row)),
    );
  }
}

function findControls(
  { queries, config }: RemovalWork,
  scored: ScoredGroups,
  { heldOutCount, members }: ControlImages,
  judged: readonly QueryGroupScores[],
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

/** A figure of each entry over the repeats. */
function over(repeats: readonly Matrix64[], figure: (values: Float64Array) => number): Matrix64 {
  const { rows, columns, data } = repeats[0]!;
  const figures = data.map((_, index) => figure(Float64Array.from(repeats, (repeat) => repeat.data[index]!)));
  return makeMatrix(rows, columns, figures);
}
