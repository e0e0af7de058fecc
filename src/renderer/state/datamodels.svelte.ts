/** @file Synsets of the project's models, and what was asked of them: what would change without some images. */
import type {
  DatamodelAnswer,
  PerturbationEffect,
  Synset,
  SynsetCluster,
} from '../../contract/datamodels-service.ts';
import type { Evaluation } from '../../contract/evaluations-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { GroupId, SubsetId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { Evaluations } from './evaluations.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** What might not be there: a group, or all images but those of a subset. */
export type WhatIfSubject =
  | { readonly kind: 'group'; readonly id: GroupId; readonly name: string }
  | { readonly kind: 'subset'; readonly id: SubsetId; readonly name: string };

export interface SynsetPictures {
  readonly imageSize: number;
  readonly clusters: readonly SynsetCluster[];
}

const PICTURED_CLUSTERS = 200;

interface DatamodelsOptions {
  readonly connection: Connection;
  readonly project: Project;
  readonly evaluations: Evaluations;
  readonly runs: Runs;
  readonly toasts: Toasts;
}

export class Datamodels {
  /** Newest first. */
  synsets = $state.raw<readonly Synset[]>([]);
  answers = $state.raw<readonly DatamodelAnswer[]>([]);
  readonly #options: DatamodelsOptions;

  constructor(options: DatamodelsOptions) {
    this.#options = options;
    const { connection, project, runs } = options;
    connection.onReady((engine) => engine.datamodels.on('changed', () => void this.refresh()));
    project.onOpened(() => void this.refresh());
    runs.onEnd(({ kind }) => {
      if (kind === 'distil' || kind === 'query-datamodel') void this.refresh();
    });
  }

  /** The newest; null where none was distilled. */
  get synset(): Synset | null {
    return this.synsets[0] ?? null;
  }

  /** What the newest synset last said of the subject, and where; null where it was not asked. */
  answerOf(subject: WhatIfSubject): { answer: DatamodelAnswer; effect: PerturbationEffect } | null {
    for (const answer of this.answers) {
      if (answer.synsetId !== this.synset?.id) continue;
      const effect = answer.effects.find((each) => isAbout(subject, answer, each));
      if (effect !== undefined) return { answer, effect };
    }
    return null;
  }

  /** What was measured of such answers on the synset's model by training again, its rivals behind it; empty where nothing was. */
  get judged(): readonly Evaluation[] {
    const ofModel = this.#options.evaluations.list.filter(
      ({ kind, modelId }) => kind === 'ddm' && modelId === this.synset?.modelId,
    );
    return ofModel.filter(({ runId }) => runId === ofModel[0]?.runId);
  }

  /** The distillation or the question that is under way. */
  get run(): Run | null {
    return (
      this.#options.runs.active.findLast(({ kind }) => kind === 'distil' || kind === 'query-datamodel') ??
      null
    );
  }

  async distil(): Promise<void> {
    const { runs, toasts } = this.#options;
    await toasts.attempt(() => runs.start({ kind: 'distil', config: {} }));
  }

  async ask({ kind, id }: WhatIfSubject): Promise<void> {
    const { runs, toasts } = this.#options;
    const synsetId = this.synset?.id ?? null;
    const config =
      kind === 'group'
        ? { synsetId, masks: 'groups' as const, groups: [id] }
        : { synsetId, masks: 'subset' as const, subset: id };
    await toasts.attempt(() => runs.start({ kind: 'query-datamodel', config }));
  }

  pictures({ id }: Synset): Promise<SynsetPictures | null> {
    const { connection, toasts } = this.#options;
    const request = { id, from: 0, count: PICTURED_CLUSTERS };
    return toasts.attempt(() => connection.engine.datamodels.clusters(request));
  }

  async refresh(): Promise<void> {
    const { connection, project, toasts } = this.#options;
    if (project.summary === null) {
      [this.synsets, this.answers] = [[], []];
      return;
    }
    const { datamodels } = connection.engine;
    const found = await toasts.attempt(() => Promise.all([datamodels.synsets(), datamodels.answers({})]));
    if (found !== null) [this.synsets, this.answers] = found;
  }
}

function isAbout(subject: WhatIfSubject, { choices }: DatamodelAnswer, effect: PerturbationEffect): boolean {
  return subject.kind === 'group'
    ? effect.groupId === subject.id
    : choices.masks === 'subset' && choices.subset === subject.id;
}
