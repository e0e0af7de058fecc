/**
 * @file One attribution of a model: scores of any targets against everything that the model learned, by one method over one ensemble. Members
 * take turns: whatever their number, one member's features and one preconditioner are there at a time.
 */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { assert } from '../../core/base/assert.ts';
import { solvedQueries, type Damping, type Preconditioner } from '../../core/attribution/preconditioner.ts';
import { attributionMethods } from '../../core/attribution/registry.ts';
import { scoreQueries, type ScoreBlock, type ScoringMember } from '../../core/attribution/score-queries.ts';
import type { AttributionChoices, AttributionCost } from '../../contract/attribution-choices.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { InfluenceRow } from '../storage/influences.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { ComputeTools } from './compute-tools.ts';
import { fitMember } from './fit-member.ts';
import type { LabelledRow, LoadedModel } from './loaded-model.ts';
import { prepareMembers } from './members/prepare-members.ts';
import { openMembers, stageOf, trainWeights, type OpenMember, type OpenMembers } from './open-members.ts';
import { partOf } from './progress-part.ts';
import { selfScores } from './self-scores.ts';
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
  const work = { folder, model, choices, context, tools, method: attributionMethods[choices.method] };
  const models = await prepareMembers(folder, model, choices, context, tools);
  const members = await openMembers({ ...work, context: partOf(context, 0, 0.5) }, models);
  const attribution = new EnsembleAttribution(work, members);
  await attribution.fitFirst();
  return attribution;
}

/** Scores of one group of targets against all learned images are held at once, about this much. */
const GROUP_BYTES = 64 * 2 ** 20;
const LARGEST_GROUP = 512;

class EnsembleAttribution implements Attribution {
  readonly #work: AttributionWork;
  readonly #members: OpenMembers;
  readonly #weights: Float64Array | null;
  #fitted: { readonly member: OpenMember; readonly preconditioner: Preconditioner } | null = null;
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
    this.#damping = (await this.#fit(this.#members.scoring[0]!)).damping;
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
    const scores = await selfScores(this.#work, this.#members, (member) => this.#fit(member), others);
    this.#serveSeconds += (performance.now() - start) / 1000;
    return scores;
  }

  dispose(): Promise<void> {
    this.#fitted = null;
    return Promise.resolve();
  }

  /** The preconditioner of this member; that of the one before is given up for it. */
  async #fit(member: OpenMember): Promise<Preconditioner> {
    if (this.#fitted?.member === member) return this.#fitted.preconditioner;
    this.#fitted = null;
    const start = performance.now();
    const relative = this.#work.choices.relativeDamping ?? this.#damping?.relative ?? null;
    const preconditioner = await fitMember(this.#work, member.features, relative);
    this.#fitSeconds += (performance.now() - start) / 1000;
    this.#fitted = { member, preconditioner };
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
      const preconditioner = await this.#fit(member);
      for (const [place, group] of groups.entries()) {
        throwIfCancelled(this.#work.context.signal);
        const prepared = await preconditioner.prepare(member.features.at(group));
        assert(prepared.solved !== null, 'the members of an ensemble solve their queries');
        solved.keep(keyOf(index, place), prepared.solved);
      }
    }
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
      const queries = alone
        ? await (await this.#fit(member)).prepare(member.features.at(group))
        : solvedQueries(solved.take(keyOf(index, place)), this.#work.tools.matrixEngine);
      yield { queries, train: member.features.train() };
    }
  }
}

function keyOf(member: number, group: number): string {
  return `${member} ${group}`;
}
