/**
 * @file Scores by an ensemble whose members take turns: whatever their number, one preconditioner, one block of features and the scores of one
 * group of targets are in memory.
 */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { assert } from '../../core/base/assert.ts';
import { solvedQueries, type Damping, type Preconditioner } from '../../core/attribution/preconditioner.ts';
import { scoreQueries, type ScoreBlock, type ScoringMember } from '../../core/attribution/score-queries.ts';
import type { Matrix } from '../../core/linalg/matrix.ts';
import type { AttributionCost } from '../../contract/attribution-choices.ts';
import type { InfluenceRow } from '../storage/influences.ts';
import type { AttributionWork } from './attribution-work.ts';
import { fitMember, type FittedPreconditioner } from './fit-member.ts';
import type { LabelledRow, LoadedModel } from './loaded-model.ts';
import { MemberAdjustment } from './member-adjustment.ts';
import { stageOf, trainWeights, type OpenMember, type OpenMembers } from './open-members.ts';
import { partOf } from './progress-part.ts';
import { selfScores, type FittedMember } from './self-scores.ts';
import { SolvedQueries } from './solved-queries.ts';

export interface QueryScores {
  /** The rows of the block; the same array for all blocks of one group. */
  readonly targets: readonly LabelledRow[];
  /** Scores [targets, some learned images]. A group's last block ends with the last learned image. */
  readonly block: ScoreBlock;
}

/** Scores of one group of targets against all learned images are held at once, about this much. */
const GROUP_BYTES = 64 * 2 ** 20;
const LARGEST_GROUP = 512;

export class EnsembleAttribution {
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
    await this.#fillTargets(targets, this.#members.scoring);
    const groups = this.#group(targets);
    const solved = new SolvedQueries(this.#work.folder.cachePath);
    const onRows = this.#scoringProgress(groups.length);
    let start = performance.now();
    try {
      if (this.#members.scoring.length > 1) await this.#solve(groups, solved);
      for (const [place, group] of groups.entries()) {
        const members = this.#prepared(group, place, solved, onRows);
        for await (const block of scoreQueries(members, this.#weights)) {
          this.#serveSeconds += (performance.now() - start) / 1000;
          yield { targets: group, block };
          start = performance.now();
        }
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

  /** Hears of every block of training rows that some group has passed for some member; where somebody cancels, it ends there. */
  #scoringProgress(groupCount: number): (rows: number) => void {
    const { context, model } = this.#work;
    const total = groupCount * this.#members.scoring.length * model.learned.length;
    let done = 0;
    return (rows) => {
      throwIfCancelled(context.signal);
      done += rows;
      context.progress('Scoring', 0.75 + (0.25 * done) / total);
    };
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
    onRows: (rows: number) => void,
  ): AsyncGenerator<ScoringMember> {
    const { scoring } = this.#members;
    const alone = scoring.length === 1;
    for (const [index, member] of scoring.entries()) {
      const ready = alone ? await this.#solveOne(member, group) : solved.take(keyOf(index, place));
      const queries = solvedQueries(ready, this.#work.tools.matrixEngine);
      const adjust = this.#adjustments.get(member)!.ofScores(group, ready);
      yield {
        queries,
        train: member.features.train(),
        adjust: (block) => {
          onRows(block.scores.columns);
          adjust(block);
        },
      };
    }
  }
}

function keyOf(member: number, group: number): string {
  return `${member} ${group}`;
}
