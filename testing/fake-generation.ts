/** @file What the engine in memory knows of generative models: query images, what stands behind them, groups and their scores. */
import { AttributeGroupsConfig, DiffusionChoices } from '../src/contract/generation-configs.ts';
import type { Group, GroupAttribution, GroupOverlap, groups } from '../src/contract/groups-service.ts';
import type { Model } from '../src/contract/models-service.ts';
import type { queries, QueryImage, QueryInfluence } from '../src/contract/queries-service.ts';
import type { Run } from '../src/contract/runs-service.ts';
import { idsOfSamples } from '../src/contract/sample-set.ts';
import type { Handlers } from '../src/contract/service.ts';
import type { GroupId, ModelId, QueryId, RunId, SampleId } from '../src/contract/vocabulary.ts';

const MOMENT = '2026-01-01T00:00:00.000Z';
/** PNG of one grey pixel. */
const pixel = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=='),
  (letter) => letter.charCodeAt(0),
);

export class FakeGeneration {
  models: Model[] = [];
  /** Newest first. */
  queries: QueryImage[] = [];
  groups: Group[] = [];
  overlaps: GroupOverlap[] = [];
  /** The steps at which every training has made sheets. */
  sheets: number[] = [];
  /** Finished attributions to groups, newest first. */
  attributions: GroupAttribution[] = [];
  readonly #log: (line: string) => void;
  readonly #finishedRuns: (kind: Run['kind']) => readonly Run[];

  constructor(log: (line: string) => void, finishedRuns: (kind: Run['kind']) => readonly Run[]) {
    this.#log = log;
    this.#finishedRuns = finishedRuns;
  }

  readonly queryHandlers: Handlers<typeof queries> = {
    list: () => this.queries,
    addFiles: ({ paths }) => {
      const readable = paths.filter((path) => path.endsWith('.png'));
      const added = readable.map((path) => makeQuery(this.#nextQueryId(), { name: path, origin: 'file' }));
      this.queries = [...added.toReversed(), ...this.queries];
      const problems = paths.filter((path) => !path.endsWith('.png'));
      return {
        added: added.map(({ id }) => id),
        problems: problems.map((path) => ({ path, reason: 'not an image' })),
      };
    },
    remove: ({ ids }) => {
      this.#log(`queries.remove ${ids.join(' ')}`);
      this.queries = this.queries.filter(({ id }) => !ids.includes(id));
      return null;
    },
    tell: ({ ids, classId, prompt }) => {
      this.#log(`queries.tell ${ids.join(' ')} ${classId} ${prompt}`);
      return null;
    },
    sheets: () => this.sheets,
    sheet: ({ step }) => {
      this.#log(`queries.sheet ${step}`);
      return { bytes: pixel, type: 'image/png' };
    },
    image: () => ({ bytes: pixel, type: 'image/png' }),
    influence: ({ id, runId }) => this.#influenceOf(id, runId),
  };

  readonly groupHandlers: Handlers<typeof groups> = {
    list: () => this.groups,
    overlaps: () => this.overlaps,
    define: ({ name, rule }) => {
      this.#log(`groups.define ${name} by ${rule.kind}`);
      const group = makeGroup((this.groups.length + 1) as GroupId, { name, kind: rule.kind });
      this.groups = [...this.groups, group];
      return group.id;
    },
    defineEach: ({ by, folderDepth }) => {
      this.#log(`groups.defineEach ${by} ${folderDepth}`);
      if (this.groups.length > 0) return [];
      this.groups = ['coat', 'shirt'].map((name, index) => makeGroup((index + 1) as GroupId, { name }));
      return this.groups.map(({ id }) => id);
    },
    previewEach: ({ by, folderDepth }) => ({
      folderDepth: by === 'folder' ? (folderDepth ?? 2) : null,
      groups: ['coat', 'shirt'].map((name) => ({
        ...{ name, definition: `${by} ${name}`, memberCount: 5, missingCount: 1 },
      })),
    }),
    rename: ({ id, name }) => {
      this.groups = this.groups.map((group) => (group.id === id ? { ...group, name } : group));
      return null;
    },
    remove: ({ ids }) => {
      this.groups = this.groups.filter(({ id }) => !ids.includes(id));
      return null;
    },
    members: () => ({ ids: Int32Array.from([1, 2, 3]) }),
    change: ({ id, images, added }) => {
      const sampleIds = idsOfSamples(images);
      this.#log(`groups.change ${id} ${added ? 'adds' : 'takes'} ${sampleIds.join(' ')}`);
      return { undoText: null, redoText: null, changed: sampleIds.length };
    },
    holding: () => this.groups.map(({ id }) => ({ groupId: id, count: 1 })),
    attributions: () => this.attributions,
    attribution: ({ runId }) => {
      this.#log(`groups.attribution ${runId}`);
      return this.attributions.find((attribution) => attribution.runId === runId)!;
    },
  };

  #nextQueryId(): QueryId {
    return (Math.max(0, ...this.queries.map(({ id }) => id)) + 1) as QueryId;
  }

  #influenceOf(queryId: QueryId, runId: RunId | null): QueryInfluence | null {
    const attributions = this.#finishedRuns('attribute-queries')
      .map((run) => ({
        runId: run.id,
        modelId: 1 as ModelId,
        choices: DiffusionChoices.parse(run.config),
        cost: null,
        createdAt: run.createdAt,
      }))
      .toReversed();
    const found = attributions.find((attribution) => attribution.runId === runId) ?? attributions[0];
    if (found === undefined) return null;
    const { modelId, choices } = found;
    return {
      queryId,
      runId: found.runId,
      modelId,
      choices,
      validity: {
        standing: 'not-evaluated',
        badge: 'Not evaluated',
        explanation: 'Nothing was measured.',
        evaluationId: null,
      },
      proponents: [{ sampleId: 9 as SampleId, score: 0.5 }],
      opponents: [{ sampleId: 8 as SampleId, score: -0.7 }],
      attributions,
    };
  }
}

export function makeQuery(id: QueryId, change: Partial<QueryImage> = {}): QueryImage {
  return {
    id,
    name: `model 1, seed 0, image ${id}`,
    origin: 'generated',
    modelId: change.origin === 'file' ? null : (1 as ModelId),
    runId: change.origin === 'file' ? null : (1 as RunId),
    generation: {},
    classId: null,
    sha256: String(id).padStart(64, '0'),
    width: 8,
    height: 8,
    claimed: null,
    createdAt: MOMENT,
    ...change,
  };
}

export function makeGroup(id: GroupId, change: Partial<Group> = {}): Group {
  return {
    id,
    name: `group ${id}`,
    kind: 'class',
    definition: `label ${change.name ?? id}`,
    memberCount: 5,
    missingCount: 0,
    attributed: false,
    examples: [1, 2, 3, 4] as SampleId[],
    createdAt: MOMENT,
    ...change,
  };
}

/** Of two groups: the first has 4 images and stands out for every query, the second has 2. */
export function makeGroupAttribution(
  runId: RunId,
  queryIds: readonly QueryId[],
  change: Partial<GroupAttribution> = {},
): GroupAttribution {
  const band = { low: -2, median: 0, high: 4 };
  const score = { deviation: null, percentile: 0.5, pValue: 1, band, standsOut: false, share: 0 };
  return {
    runId,
    modelId: 1 as ModelId,
    choices: AttributeGroupsConfig.parse({}),
    groupCount: 2,
    queryCount: queryIds.length,
    cost: null,
    createdAt: MOMENT,
    groups: [
      { groupId: 1 as GroupId, name: 'coat', size: 4, changed: false },
      { groupId: 2 as GroupId, name: 'shirt', size: 2, changed: false },
    ],
    queries: queryIds.map((queryId) => ({
      queryId,
      scores: [
        { ...score, groupId: 1 as GroupId, raw: 8, perImage: 2, deviation: 1, standsOut: true, share: 0.6 },
        { ...score, groupId: 2 as GroupId, raw: 5, perImage: 2.5 },
      ],
      unattributed: 0.4,
      verdict: 'attributed' as const,
    })),
    controls: [],
    overlaps: [],
    ...change,
  };
}

/** A model that makes images, as the engine describes one. */
export function makeGenerator(id: ModelId, change: Partial<Model> = {}): Model {
  return {
    id,
    runId: id as number as RunId,
    name: 'ddpm-tiny',
    task: 'generate',
    origin: 'built-in',
    architecture: 'ddpm-tiny',
    baseModelId: null,
    parameterCount: 340_000,
    createdAt: MOMENT,
    imageSize: 8,
    channels: 1,
    classCount: 2,
    trainCount: 10,
    epochs: [],
    testAccuracy: null,
    outOfSampleAccuracy: null,
    labelledAccuracy: null,
    excludedCount: null,
    hint: null,
    denoiser: {
      prediction: 'epsilon',
      noiseSchedule: 'cosine',
      timesteps: 1000,
      conditional: false,
      toldTexts: false,
      steps: 100,
      curve: [{ step: 100, loss: 0.1, heldOut: null }],
      sheets: [100],
    },
    ...change,
  };
}
