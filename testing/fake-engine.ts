/**
 * @file An engine in memory, for tests of the window's state: ten images, of which the first six are in the queue of label
 * issues; decisions with undo; runs that end when the test says so; influences of every finished attribution; evaluations.
 */
import { settingDefaults } from '../src/contract/settings-service.ts';
import type { HandlersOf } from '../src/contract/server.ts';
import { idsOfSamples, setOfSamples } from '../src/contract/sample-set.ts';
import { createServer, type Server } from '../src/contract/server.ts';
import { createLocalTransport } from '../src/contract/local-transport.ts';
import { engineServices, type EngineServices } from '../src/contract/services.ts';
import type { Transport } from '../src/contract/wire.ts';
import { AttributionChoices } from '../src/contract/attribution-choices.ts';
import type { Evaluation } from '../src/contract/evaluations-service.ts';
import type { InfluenceView, Issue, IssueSummary } from '../src/contract/findings-service.ts';
import type { ProjectSummary } from '../src/contract/projects-service.ts';
import { RunRequest, type Run, type RunPlan } from '../src/contract/runs-service.ts';
import type {
  ClassId,
  DecisionAction,
  ModelId,
  RunId,
  SampleId,
  SampleTile,
} from '../src/contract/vocabulary.ts';
import { AppError } from '../src/core/base/app-error.ts';
import { FakeGeneration } from './fake-generation.ts';

const MOMENT = '2026-01-01T00:00:00.000Z';
const IMAGE_COUNT = 10;
const ISSUE_COUNT = 6;
const COAT = 1 as ClassId;
const SHIRT = 2 as ClassId;

interface Decided {
  readonly sampleId: SampleId;
  readonly action: DecisionAction;
}

export class FakeEngine {
  /** What was asked for, in order: 'labels.decide keep 1'. */
  readonly log: string[] = [];
  /** The next decision is refused with this error. */
  refusal: AppError | null = null;
  /** What was measured about the methods, newest first. */
  evaluations: readonly Evaluation[] = [];
  /** Generative models, the images they made, and groups. */
  readonly generation = new FakeGeneration(
    (line) => this.log.push(line),
    (kind) => this.#runs.filter((run) => run.kind === kind && run.status === 'finished'),
  );
  readonly #decided: Decided[] = [];
  readonly #undone: Decided[] = [];
  readonly #runs: Run[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer(engineServices, this.#handlers(), { checkResults: true });
  }

  /** A new connection to this engine. */
  connect(): Transport {
    const wire = createLocalTransport();
    this.#server.attach(wire.far);
    return wire.near;
  }

  /** Ends the run, and tells everybody. */
  endRun(status: 'finished' | 'failed' | 'interrupted'): void {
    const run = this.#runs.at(-1);
    if (run === undefined) throw new Error('no run has been started');
    const error = status === 'failed' ? { code: 'internal', message: 'It failed.' } : null;
    this.#runs[this.#runs.length - 1] = { ...run, status, error, finishedAt: MOMENT };
    this.#server.emit('runs', 'changed', this.#runs.at(-1));
  }

  #handlers(): HandlersOf<EngineServices> {
    const none = (): never => {
      throw new AppError('call-unknown', { name: 'not part of the fake engine' });
    };
    return {
      engine: { checkMachine: none, testProvider: none },
      settings: {
        read: () => ({
          settings: settingDefaults,
          chosen: { reviewer: 'Ann', threads: 1, memoryMib: 1024, projectsPath: '' },
        }),
        change: () => settingDefaults,
        reset: () => settingDefaults,
      },
      projects: {
        current: () => this.#summary(),
        recent: () => [],
        forget: () => [],
        open: () => this.#summary(),
        create: () => this.#summary(),
        prepareSample: none,
        suggestPath: none,
        close: () => null,
        storage: none,
        clearStorage: none,
      },
      imports: { inspect: none, problems: () => ({ total: 0, problems: [] }) },
      samples: {
        query: () => ({
          ids: Int32Array.from({ length: IMAGE_COUNT }, (_, index) => index + 1),
          elapsedMs: 1,
        }),
        complete: none,
        histograms: none,
        facets: none,
        orderValues: none,
        tiles: ({ ids }) => ids.map((id) => this.#tile(id)),
        get: ({ id }) => ({ ...this.#tile(id), ...detail }),
        thumbnail: none,
        thumbnails: none,
        image: none,
      },
      labels: {
        decide: ({ images, action }) => this.#decide(idsOfSamples(images)[0]!, action),
        setExcluded: none,
        undo: () => this.#move(this.#decided, this.#undone, 'Undid'),
        undoTo: none,
        redo: () => this.#move(this.#undone, this.#decided, 'Redid'),
        undoState: () => this.#undoState(),
        history: () => ({ total: 0, entries: [] }),
        addClass: ({ name }) => ({ id: 3 as ClassId, name, sampleCount: 0 }),
      },
      tags: { list: () => [], add: none, take: none, flagCulprit: none, rename: none, remove: none },
      views: { list: () => [], save: none, update: none, remove: none },
      runs: {
        start: (plan) => this.#start(plan),
        estimate: (plan) => this.#estimate(plan),
        cancel: () => null,
        resume: ({ runId }) => this.#resume(runId),
        get: ({ runId }) => this.#runs[runId - 1]!,
        list: () => this.#runs,
      },
      models: {
        confusion: none,
        list: () => this.generation.models,
        check: none,
        add: none,
        importDenoiser: ({ path, embeddingsPath, choices }) => {
          if (!path.endsWith('.onnx')) throw new AppError('source-not-found', { path });
          this.log.push(`models.importDenoiser ${path}, embeddings ${embeddingsPath}`);
          const schedule = { kind: 'linear', steps: 10, firstBeta: 0.1, lastBeta: 0.2 };
          const config = { file: path, embeddings: embeddingsPath, choices, schedule, prediction: 'epsilon' };
          return this.#start(RunRequest.parse({ kind: 'evaluate-denoiser', config }));
        },
      },
      issues: {
        summary: () => this.#issueSummary(),
        page: ({ from, count, state }) => {
          const issues = this.#issues().filter((issue) => state === 'all' || issue.state === 'open');
          return { total: issues.length, issues: issues.slice(from, from + count) };
        },
        evidence: ({ sampleId }) => ({
          sampleId,
          method: 'trak',
          towardsGiven: { label: COAT, entries: [{ sampleId: 9 as SampleId, score: 0.5 }] },
          towardsSuggested: { label: SHIRT, entries: [] },
        }),
        noise: () => null,
      },
      imageIssues: {
        summary: () => [],
        page: () => ({ total: 0, issues: [] }),
        resolve: none,
        previewRule: none,
        applyRule: none,
        excludedCount: () => 0,
      },
      influence: { of: ({ sampleId, runId }) => this.#influenceOf(sampleId, runId) },
      evaluations: {
        list: () => [...this.evaluations],
        remove: ({ id }) => {
          this.evaluations = this.evaluations.filter((evaluation) => evaluation.id !== id);
          return null;
        },
      },
      datamodels: { synsets: () => [], clusters: none, members: none, answers: () => [], remove: none },
      subsets: { list: () => [], rename: none, remove: none, export: none },
      maps: { list: () => [], points: none, colours: none, rename: none, remove: none },
      reports: {
        preview: none,
        write: none,
        verify: none,
        prepareRerun: none,
        compareRerun: none,
        publicKey: () => null,
      },
      cases: {
        ...{ list: () => [], open: none, read: none, change: none, setStatus: none, setRights: none },
        ...{ addGroups: none, removeGroups: none, takeManifest: none, answer: none, linkRun: none },
        ...{ unlinkRun: none, addExhibits: none, changeExhibit: none, withdrawExhibit: none, judge: none },
        ...{ note: none, decide: none, differenceMap: none },
      },
      queries: this.generation.queryHandlers,
      groups: this.generation.groupHandlers,
      history: {
        snapshots: () => [],
        take: none,
        remove: none,
        difference: none,
        writeLog: none,
      },
      exports: { labels: none },
    };
  }

  #decide(sampleId: SampleId, action: DecisionAction): { undoText: string | null; redoText: string | null } {
    this.log.push(`labels.decide ${action} ${sampleId}`);
    if (this.refusal !== null) throw this.refusal;
    this.#decided.push({ sampleId, action });
    this.#undone.length = 0;
    this.#tell(sampleId);
    return this.#undoState();
  }

  #move(from: Decided[], to: Decided[], verb: string) {
    const decided = from.pop();
    if (decided === undefined) throw new AppError('nothing-to-undo');
    to.push(decided);
    this.#tell(decided.sampleId);
    const text = `${verb}: ${decided.action} of image ${decided.sampleId}`;
    return { ...this.#undoState(), text, images: setOfSamples([decided.sampleId]) };
  }

  #tell(sampleId: SampleId): void {
    this.#server.emit('samples', 'changed', { images: setOfSamples([sampleId]) });
    this.#server.emit('issues', 'changed', this.#issueSummary());
  }

  #undoState() {
    return {
      undoText: this.#decided.at(-1)?.action ?? null,
      redoText: this.#undone.at(-1)?.action ?? null,
    };
  }

  #start(plan: RunPlan): RunId {
    this.log.push(`runs.start ${plan.kind}`);
    const id = (this.#runs.length + 1) as RunId;
    this.#runs.push({
      id,
      kind: plan.kind,
      status: 'running',
      config: { ...plan.config },
      createdAt: MOMENT,
      startedAt: MOMENT,
      finishedAt: null,
      error: null,
      progress: null,
      summary: {},
      provider: null,
      notes: [],
    });
    return id;
  }

  /** As long as it has models: so that a change of the settings shows. */
  #estimate(plan: RunPlan) {
    this.log.push(`runs.estimate ${plan.kind}`);
    const seconds = 'models' in plan.config ? plan.config.models : null;
    return { seconds, memoryBytes: 1e6, diskBytes: 1e6, note: 'From how fast this machine was last time.' };
  }

  #influenceOf(sampleId: SampleId, runId: RunId | null): InfluenceView | null {
    const attributions = this.#runs
      .filter((run) => run.kind === 'attribute' && run.status === 'finished')
      .map((run) => ({
        runId: run.id,
        modelId: 1 as ModelId,
        choices: AttributionChoices.parse(run.config),
        createdAt: run.createdAt,
      }))
      .toReversed();
    const found = attributions.find((attribution) => attribution.runId === runId) ?? attributions[0];
    if (found === undefined) return null;
    const isMeasured = this.evaluations.length > 0;
    return {
      sampleId,
      runId: found.runId,
      modelId: found.modelId,
      method: found.choices.method,
      choices: found.choices,
      validity: {
        standing: isMeasured ? 'measured' : 'not-evaluated',
        badge: isMeasured ? 'LDS 0.41 ± 0.02, ceiling 0.78' : 'Not evaluated',
        explanation: '',
        evaluationId: null,
      },
      selfInfluence: null,
      proponents: [{ sampleId: 9 as SampleId, score: 0.5 }],
      opponents: [{ sampleId: 8 as SampleId, score: -0.7 }],
      attributions,
    };
  }

  #resume(runId: RunId): RunId {
    this.log.push(`runs.resume ${runId}`);
    this.#runs[runId - 1] = { ...this.#runs[runId - 1]!, status: 'running', finishedAt: null, error: null };
    return runId;
  }

  #issues(): Issue[] {
    return Array.from({ length: ISSUE_COUNT }, (_, index) => {
      const sampleId = (index + 1) as SampleId;
      return {
        kind: 'label',
        sampleId,
        rank: index + 1,
        score: 1 - index / 10,
        givenLabel: COAT,
        suggestedLabel: SHIRT,
        state: this.#decisionOf(sampleId) ?? 'open',
        signals: {},
        flagged: true,
      };
    });
  }

  #decisionOf(sampleId: SampleId): DecisionAction | null {
    return this.#decided.findLast((decided) => decided.sampleId === sampleId)?.action ?? null;
  }

  #issueSummary(): IssueSummary {
    const decided = this.#issues().filter((issue) => issue.state !== 'open').length;
    const [runId, modelId] = [1, 1] as unknown as [IssueSummary['runId'], IssueSummary['modelId']];
    return {
      runId,
      modelId,
      method: 'combined',
      total: ISSUE_COUNT,
      flagged: ISSUE_COUNT,
      decided,
      estimatedNoise: null,
      stale: false,
    };
  }

  #tile(id: SampleId): SampleTile {
    const decision = this.#decisionOf(id);
    const label = decision === 'accept' ? SHIRT : COAT;
    const path = `coat/${id}.png`;
    return {
      id,
      path,
      split: 'train',
      givenLabel: COAT,
      label,
      decision,
      tags: [],
      width: 28,
      height: 28,
      missing: false,
    };
  }

  #summary(): ProjectSummary {
    const decidedCount = this.#decided.length;
    return {
      path: '/projects/coats.whence',
      name: 'coats',
      createdAt: MOMENT,
      sampleCount: IMAGE_COUNT,
      missingCount: 0,
      problemCount: 0,
      splitCounts: { train: IMAGE_COUNT, val: 0, test: 0 },
      classes: [
        { id: COAT, name: 'coat', sampleCount: IMAGE_COUNT },
        { id: SHIRT, name: 'shirt', sampleCount: 0 },
      ],
      decidedCount,
      changedLabelCount: 0,
      modelCount: 0,
      issueCount: ISSUE_COUNT,
      openIssueCount: ISSUE_COUNT - decidedCount,
    };
  }
}

const detail = {
  sha256: '0'.repeat(64),
  bytes: 100,
  format: 'png',
  importedAt: MOMENT,
  absolutePath: '/images/coat/1.png',
  prediction: null,
  columns: [],
  flags: [],
  history: [],
};
