/** @file All cross-screen state, made once and handed to components through context. */
import { createContext } from 'svelte';
import type { Host } from '../host/host.ts';
import { AddingModel } from './adding-model.svelte.ts';
import { Alike } from './alike.svelte.ts';
import { Analysis } from './analysis.svelte.ts';
import { Attribution } from './attribution.svelte.ts';
import { CaseChecks } from './case-checks.svelte.ts';
import { Cases } from './cases.svelte.ts';
import { Connection } from './connection.svelte.ts';
import { Confusion } from './confusion.svelte.ts';
import { Dragging } from './dragging.svelte.ts';
import { Datamodels } from './datamodels.svelte.ts';
import { Evaluations } from './evaluations.svelte.ts';
import { Culprits } from './culprits.svelte.ts';
import { Exclusions } from './exclusions.svelte.ts';
import { Exporting } from './exporting.svelte.ts';
import { Generation } from './generation.svelte.ts';
import { History } from './history.svelte.ts';
import { GroupAttributions } from './group-attributions.svelte.ts';
import { Groups } from './groups.svelte.ts';
import { ImageMenu } from './image-menu.svelte.ts';
import { Images } from './images.svelte.ts';
import { ImportingDenoiser } from './importing-denoiser.svelte.ts';
import { ImageIssues } from './image-issues.svelte.ts';
import { Importing } from './importing.svelte.ts';
import { Influence } from './influence.svelte.ts';
import { Inspector } from './inspector.svelte.ts';
import { IssueQueue } from './issue-queue.svelte.ts';
import { IssueRanking } from './issue-ranking.svelte.ts';
import { Judging } from './judging.svelte.ts';
import { Keymap } from './keymap.svelte.ts';
import { Labels } from './labels.svelte.ts';
import { Machine } from './machine.svelte.ts';
import { Maps } from './maps.svelte.ts';
import { Models } from './models.svelte.ts';
import { Overlays } from './overlays.svelte.ts';
import { PlannedEvaluation } from './planned-evaluation.svelte.ts';
import { PlannedGenerativeEvaluation } from './planned-generative-evaluation.svelte.ts';
import { Project } from './project.svelte.ts';
import { Queries } from './queries.svelte.ts';
import { QueryInfluence } from './query-influence.svelte.ts';
import { Reports } from './reports.svelte.ts';
import { Route } from './route.svelte.ts';
import { Runs } from './runs.svelte.ts';
import { Samples } from './samples.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Subsets } from './subsets.svelte.ts';
import { Tags } from './tags.svelte.ts';
import { Views } from './views.svelte.ts';
import { ThemeChoice } from './theme.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

export type App = ReturnType<typeof createApp>;

/** Makes every state class and starts connecting. */
export function createApp(host: Host) {
  const toasts = new Toasts();
  const connection = new Connection(host);
  const project = new Project(connection, toasts);
  const runs = new Runs(connection, project, toasts);
  const images = new Images(project, runs);
  const selection = new Selection();
  const samples = new Samples(connection, project, selection, toasts);
  const labels = new Labels(connection, project, toasts);
  const models = new Models(connection, project, runs, toasts);
  const evaluations = new Evaluations(connection, project, models, runs, toasts);
  const issueRanking = new IssueRanking(project, runs, toasts);
  const overlays = new Overlays();
  const tags = new Tags(connection, project, toasts);
  const route = new Route();
  const app = {
    toasts,
    connection,
    project,
    runs,
    images,
    selection,
    samples,
    labels,
    tags,
    culprits: new Culprits({ connection, samples, tags, toasts }),
    imageMenu: new ImageMenu(connection, toasts),
    ...{ inspector: new Inspector(), dragging: new Dragging() },
    exclusions: new Exclusions(connection, project, toasts),
    history: new History({ connection, project, samples, selection, toasts }),
    views: new Views(connection, project, samples, toasts),
    theme: new ThemeChoice(connection),
    route,
    alike: new Alike(runs, samples, toasts, () => route.go('browse')),
    overlays,
    keymap: new Keymap(),
    confusion: new Confusion({ connection, project, overlays, toasts }),
    machine: new Machine(connection, toasts),
    models,
    addingModel: new AddingModel(connection, project, runs, toasts),
    issues: new IssueQueue({ connection, project, labels, samples, images, toasts }),
    imageIssues: new ImageIssues({ connection, project, runs, labels, samples, images, toasts }),
    influence: new Influence({ connection, project, runs, samples, evaluations, toasts }),
    attribution: new Attribution(project, runs, toasts),
    evaluations,
    plannedEvaluation: new PlannedEvaluation(runs, toasts),
    ...createGenerationStates({ connection, project, models, runs, samples, selection, toasts }),
    datamodels: new Datamodels({ connection, project, evaluations, runs, toasts }),
    maps: new Maps({ connection, project, runs, toasts }),
    subsets: new Subsets(connection, project, runs, toasts),
    ...createCaseStates({ connection, project, runs, samples, toasts }),
    importing: new Importing(connection, project, runs, toasts),
    issueRanking,
    analysis: new Analysis(project, runs, toasts, () => issueRanking.plan.config),
    exporting: new Exporting({ connection, project, samples, selection, toasts }),
  } as const;
  followRuns(app);
  connection.connect();
  return app;
}

interface GenerationParts {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly toasts: Toasts;
  readonly models: Models;
  readonly samples: Samples;
  readonly selection: Selection;
}

/** Models that make images, their images, and what these depend on. */
function createGenerationStates(parts: GenerationParts) {
  const { connection, project, models, runs, toasts } = parts;
  return {
    importingDenoiser: new ImportingDenoiser(connection, project, runs, toasts),
    generation: new Generation(project, models, runs, toasts),
    queries: new Queries(connection, project, runs, toasts),
    queryInfluence: new QueryInfluence(parts),
    groups: new Groups(parts),
    groupAttributions: new GroupAttributions(connection, project, runs, toasts),
    plannedGenerativeEvaluation: new PlannedGenerativeEvaluation(runs, toasts),
  };
}

/** Copyright cases: what is in them, their checks, judging, reports. */
function createCaseStates(shared: ConstructorParameters<typeof Cases>[0]) {
  const { connection, project, runs, toasts } = shared;
  const cases = new Cases(shared);
  return {
    cases,
    caseChecks: new CaseChecks(cases, project, runs, toasts),
    judging: new Judging(cases),
    reports: new Reports(connection, project, toasts),
  };
}

/** What is shown is asked for again where a run has changed it. */
function followRuns({ runs, samples, issues }: Pick<App, 'runs' | 'samples' | 'issues'>): void {
  runs.onEnd((run) => {
    if (run.kind === 'import') void samples.query();
    if (run.kind === 'issues') void issues.refresh();
  });
}

export const [getApp, setApp] = createContext<App>();
