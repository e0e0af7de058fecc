/**
 * @file One attribution of a model: scores of any targets against everything that the model learned, by one method over one ensemble. Members
 * take turns: whatever their number, one member's features and one preconditioner are there at a time.
 */
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import { assert } from '../../core/base/assert.ts';
import { solvedQueries, type Damping, type Preconditioner } from '../../core/attribution/preconditioner.ts';
import { attributionMethods } from '../../core/attribution/registry.ts';
import { scoreQueries, type ScoreBlock, type ScoringMember } from '../../core/attribution/score-queries.ts';
import type { Matrix } from '../../core/linalg/matrix.ts';
import type { AttributionChoices, AttributionCost } from '../../contract/attribution-choices.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { Connection } from '../storage/connection.ts';
import type { InfluenceRow } from '../storage/influences.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readRunPlan } from '../storage/runs.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { ComputeTools } from './compute-tools.ts';
import { fitMember, type FittedPreconditioner } from './fit-member.ts';
import type { LabelledRow, LoadedModel } from './loaded-model.ts';
import { MemberAdjustment } from './member-adjustment.ts';
import type { MemberModel } from './member-model.ts';
import { prepareMembers } from './members/prepare-members.ts';
import { openMembers, stageOf, trainWeights, type OpenMember, type OpenMembers } from './open-members.ts';
import { partOf } from './progress-part.ts';
import { selfScores, type FittedMember } from './self-scores.ts';
import { SolvedQueries } from './solved-queries.ts';

export interface QueryScores {
  /** The rows of the block; the same array for all blocks of one group. */
  readonly targets: readonly LabelledRow[];
  /** Scores [targets, some learned images]. A group's last block ends with the last learned image. */
  readonly block: ScoreBlock;
}

export interface Attribution {
  readonly model: LoadedModel;
  /** Of the first member; null where the method has none. */
  readonly damping: Damping | null;
  /** k: numbers per image that are compared. */
  readonly featureLength: number;
  /** What it has taken so far; members and features that were there already count what they took when they were made. */
  cost(): AttributionCost;
  /** For groups of targets in order, the blocks of the score matrix [targets × model.learned], block after block. */
  scores(targets: readonly LabelledRow[]): AsyncGenerator<QueryScores>;
  /** Score of every learned image for itself; and of held-out rows what they would have inside (`others`). */
  selfScores(others: readonly LabelledRow[]): Promise<InfluenceRow[]>;
  dispose(): Promise<void>;
}

/**
 * Makes the members and the features of what the model learned, or finds them where they were made before. Progress: until 0.5 here, from
 * there to 1 in `scores`.
 */
export async function openAttribution(
  folder: ProjectFolder,
  model: LoadedModel,
  choices: AttributionChoices,
  context: Pick<RunContext, 'signal' | 'progress'>,
  tools: ComputeTools,
): Promise<Attribution> {
  requireMeaningfulNormalisation(choices);
  const made = choices.ensemble === 'independent' && choices.models === 1 ? 0 : MAKING_SHARE;
  const models = await prepareMembers(folder, model, choices, partOf(context, 0, made), tools);
  return attributeWith(models, folder, model, choices, partOf(context, made, 1), tools);
}

/** Of the progress of an ensemble: making its members. */
const MAKING_SHARE = 0.4;

/** The same over these members. */
export async function attributeWith(
  models: readonly MemberModel[],
  folder: ProjectFolder,
  model: LoadedModel,
  choices: AttributionChoices,
  context: Pick<RunContext, 'signal' | 'progress'>,
  tools: ComputeTools,
): Promise<Attribution> {
  const method = attributionMethods[choices.method];
  const weightDecay = weightDecayOf(folder.connection, model.id);
  const work: AttributionWork = { folder, model, choices, context, tools, method, weightDecay };
  const members = await openMembers({ ...work, context: partOf(context, 0, 0.5) }, models);
  const attribution = new EnsembleAttribution(work, members);
  try {
    await attribution.fitFirst();
    return attribution;
  } catch (error) {
    await attribution.dispose();
    throw error;
  }
}

/** AdamW’s decay acts beside the loss, not in it. */
function weightDecayOf(connection: Connection, modelId: ModelId): number {
  const plan = readRunPlan(connection, readModel(connection, modelId).runId);
  return plan.kind === 'train' && plan.config.optimizer === 'sgd' ? plan.config.weightDecay : 0;
}

function requireMeaningfulNormalisation({ method, normalisation }: AttributionChoices): void {
  if (normalisation !== 'none' && attributionMethods[method].outputFunction === 'embedding')
    throw new AppError('normalisation-without-gradients', { method, normalisation });
}

/** Scores of one group of targets against all learned images are held at once, about this much. */
const GROUP_BYTES = 64 * 2 ** 20;
const LARGEST_GROUP = 512;

class EnsembleAttribution implements Attribution {
  readonly #work: AttributionWork;
  readonly #members: OpenMembers;
  readonly #weights: Float64Array | null;
  #fitted: { readonly member: OpenMember; readonly preconditioner: FittedPreconditioner } | null = null;
  /** Small enough to be kept for every member. */
  readonly #adjustments = new Map<OpenMember, MemberAdjustment>();
  #damping: Damping | null = null;
  #fitSeconds = 0;
  #serveSeconds = 0;

  constructor(work: AttributionWork, members: OpenMembers) {
    this.#work = work;
    this.#members = members;
    this.#weights = trainWeights(members);
    assert(members.scoring.length > 0, 'an ensemble has a member with scores');
  }

  get model(): LoadedModel {
    return this.#work.model;
  }

  get damping(): Damping | null {
    return this.#damping;
  }

  get featureLength(): number {
    return this.#members.scoring[0]!.features.columns;
  }

  /** Its damping, in multiples of the mean eigenvalue, holds for the other members too. */
  async fitFirst(): Promise<void> {
    this.#work.context.progress('Fitting the preconditioner', 0.5, {});
    const first = this.#members.scoring[0]!;
    const { damping } = await this.#fit(first);
    this.#damping = damping ?? this.#adjustments.get(first)!.damping;
  }

  cost(): AttributionCost {
    const { scoring, weighing } = this.#members;
    const members = [...new Set([...scoring, ...weighing])];
    const sum = (of: (member: OpenMember) => number): number =>
      members.reduce((total, member) => total + of(member), 0);
    return {
      trainSeconds: sum(({ model }) => model.cost.trainSeconds),
      cacheSeconds: sum(({ features }) => features.seconds) + this.#fitSeconds,
      serveSeconds: this.#serveSeconds,
      modelBytes: sum(({ model }) => model.cost.modelBytes),
      featureBytes: sum(({ features }) => features.byteCount),
    };
  }

  async *scores(targets: readonly LabelledRow[]): AsyncGenerator<QueryScores> {
    const { context, folder } = this.#work;
    await this.#fillTargets(targets, this.#members.scoring);
    const groups = this.#group(targets);
    const solved = new SolvedQueries(folder.cachePath);
    let done = 0;
    let start = performance.now();
    try {
      if (this.#members.scoring.length > 1) await this.#solve(groups, solved);
      for (const [place, group] of groups.entries()) {
        const members = this.#prepared(group, place, solved);
        for await (const block of scoreQueries(members, this.#weights)) {
          throwIfCancelled(context.signal);
          this.#serveSeconds += (performance.now() - start) / 1000;
          yield { targets: group, block };
          start = performance.now();
        }
        done += group.length;
        context.progress('Scoring', 0.75 + (0.25 * done) / targets.length, { images: done });
      }
    } finally {
      solved.close();
    }
  }

  async selfScores(others: readonly LabelledRow[]): Promise<InfluenceRow[]> {
    await this.#fillTargets(others, [...this.#members.scoring, ...this.#members.weighing]);
    const start = performance.now();
    const fit = async (member: OpenMember): Promise<FittedMember> => {
      const preconditioner = await this.#fit(member);
      return { preconditioner, adjustment: this.#adjustments.get(member)! };
    };
    const scores = await selfScores(this.#work, this.#members, fit, others);
    this.#serveSeconds += (performance.now() - start) / 1000;
    return scores;
  }

  async dispose(): Promise<void> {
    await this.#fitted?.preconditioner.dispose();
    this.#fitted = null;
  }

  /** The preconditioner of this member; that of the one before is given up for it. */
  async #fit(member: OpenMember): Promise<Preconditioner> {
    if (this.#fitted?.member === member) return this.#fitted.preconditioner;
    await this.dispose();
    const start = performance.now();
    const relative = this.#work.choices.relativeDamping ?? this.#damping?.relative ?? null;
    const preconditioner = await fitMember(this.#work, member, relative);
    this.#fitted = { member, preconditioner };
    if (!this.#adjustments.has(member))
      this.#adjustments.set(member, await MemberAdjustment.of(this.#work, member, preconditioner));
    this.#fitSeconds += (performance.now() - start) / 1000;
    return preconditioner;
  }

  async #fillTargets(targets: readonly LabelledRow[], members: readonly OpenMember[]): Promise<void> {
    const context = partOf(this.#work.context, 0.5, 0.75);
    const some = [...new Set(members)];
    for (const [index, { model, features }] of some.entries()) {
      const stage = stageOf('Gradients of the other images', model, some.length);
      this.#serveSeconds += await features.fill(targets, (count, total) =>
        context.progress(stage, (index + count / total) / some.length, { images: count }),
      );
    }
  }

  #group(targets: readonly LabelledRow[]): LabelledRow[][] {
    const rowBytes = 4 * Math.max(this.model.learned.length, this.featureLength);
    const size = Math.max(1, Math.min(LARGEST_GROUP, Math.floor(GROUP_BYTES / rowBytes)));
    return Array.from({ length: Math.ceil(targets.length / size) }, (_, group) =>
      targets.slice(group * size, (group + 1) * size),
    );
  }

  /** Each member in turn is fitted once and solves all groups. */
  async #solve(groups: readonly LabelledRow[][], solved: SolvedQueries): Promise<void> {
    for (const [index, member] of this.#members.scoring.entries()) {
      for (const [place, group] of groups.entries()) {
        throwIfCancelled(this.#work.context.signal);
        solved.keep(keyOf(index, place), await this.#solveOne(member, group));
      }
    }
  }

  async #solveOne(member: OpenMember, group: readonly LabelledRow[]): Promise<Matrix> {
    const preconditioner = await this.#fit(member);
    const { solved } = await preconditioner.prepare(await member.features.at(group));
    assert(solved !== null, 'a member of an ensemble solves its queries');
    return solved;
  }

  /** The members in turn, ready to score one group. */
  async *#prepared(
    group: readonly LabelledRow[],
    place: number,
    solved: SolvedQueries,
  ): AsyncGenerator<ScoringMember> {
    const { scoring } = this.#members;
    const alone = scoring.length === 1;
    for (const [index, member] of scoring.entries()) {
      const ready = alone ? await this.#solveOne(member, group) : solved.take(keyOf(index, place));
      const queries = solvedQueries(ready, this.#work.tools.matrixEngine);
      const adjustment = this.#adjustments.get(member)!;
      yield {
        queries,
        train: member.features.train(),
        adjust: adjustment.ofScores(group, ready),
      };
    }
  }
}

function keyOf(member: number, group: number): string {
  return `${member} ${group}`;
}
