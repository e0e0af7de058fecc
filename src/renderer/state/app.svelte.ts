/** @file All cross-screen state, made once and handed to components through context. */
import { createContext } from 'svelte';
import type { Host } from '../host/host.ts';
import { AddingModel } from './adding-model.svelte.ts';
import { Alike } from './alike.svelte.ts';
import { Appearance } from './appearance.svelte.ts';
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
import { WindowLanguage } from './language.svelte.ts';
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
import { Settings } from './settings.svelte.ts';
import { Storage } from './storage.svelte.ts';
import { Subsets } from './subsets.svelte.ts';
import { Tags } from './tags.svelte.ts';
import { Tour } from './tour.svelte.ts';
import { Views } from './views.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

export type App = ReturnType<typeof createApp>;

/** Makes every state class and starts connecting. */
export function createApp(host: Host) {
  const toasts = new Toasts();
  const connection = new Connection(host);
  const project = new Project(connection, toasts);
  const onMachine = createMachineState(connection, project, toasts);
  const runs = new Runs(connection, project, onMachine.settings, toasts);
  const images = new Images({ connection, project, runs, toasts });
  const selection = new Selection();
  const samples = new Samples(connection, project, selection, toasts);
  const labels = new Labels(connection, project, toasts);
  const models = new Models(connection, project, runs, toasts);
  const evaluations = new Evaluations(connection, project, models, runs, toasts);
  const issueRanking = new IssueRanking(project, runs, toasts);
  const overlays = new Overlays();
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
    ...createImageWork({ connection, project, runs, samples, toasts, route }),
    history: new History({ connection, project, samples, selection, toasts }),
    ...onMachine,
    route,
    overlays,
    confusion: new Confusion({ connection, project, overlays, toasts }),
    models,
    addingModel: new AddingModel(connection, project, runs, toasts),
    importingDenoiser: new ImportingDenoiser(connection, project, runs, toasts),
    issues: new IssueQueue({ connection, project, labels, samples, images, toasts }),
    imageIssues: new ImageIssues({ connection, project, runs, labels, samples, images, toasts }),
    influence: new Influence({ connection, project, runs, samples, evaluations, toasts }),
    attribution: new Attribution(project, runs, toasts),
    evaluations,
    plannedEvaluation: new PlannedEvaluation(runs, toasts),
    plannedGenerativeEvaluation: new PlannedGenerativeEvaluation(runs, toasts),
    ...createGenerativeStates({ connection, project, runs, samples, selection, models, toasts }),
    datamodels: new Datamodels({ connection, project, evaluations, runs, toasts }),
    maps: new Maps({ connection, project, runs, toasts }),
    subsets: new Subsets(connection, project, runs, toasts),
    ...createCaseStates({ connection, project, runs, samples, toasts }),
    issueRanking,
    analysis: new Analysis(
      project,
      runs,
      toasts,
      () => issueRanking.plan.config,
      () => onMachine.tour.training,
    ),
    exporting: new Exporting({ connection, project, samples, selection, toasts }),
  } as const;
  followRuns(app);
  connection.connect();
  return app;
}

interface ImageWorkParts {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly samples: Samples;
  readonly toasts: Toasts;
  readonly route: Route;
}

/** What is done with images where they stand, and how they come in, on whichever screen that is. */
function createImageWork({ connection, project, runs, samples, toasts, route }: ImageWorkParts) {
  const tags = new Tags(connection, project, toasts);
  return {
    tags,
    views: new Views(connection, project, samples, toasts),
    exclusions: new Exclusions(connection, project, toasts),
    culprits: new Culprits({ connection, samples, tags, toasts }),
    imageMenu: new ImageMenu(connection, toasts),
    inspector: new Inspector(),
    dragging: new Dragging(),
    importing: new Importing(connection, project, runs, toasts),
    alike: new Alike(runs, samples, toasts, () => route.go('browse')),
  };
}

/** What belongs to the machine, whatever project is open. */
function createMachineState(connection: Connection, project: Project, toasts: Toasts) {
  const settings = new Settings(connection, toasts);
  return {
    settings,
    appearance: new Appearance(connection, settings),
    keymap: new Keymap(settings),
    language: new WindowLanguage(connection),
    machine: new Machine(connection, toasts),
    tour: new Tour(settings, project),
    storage: new Storage(connection, project, toasts),
  } as const;
}

interface GenerativeParts {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly samples: Samples;
  readonly selection: Selection;
  readonly models: Models;
  readonly toasts: Toasts;
}

/** Images that models make, and what they are traced to. */
function createGenerativeStates(parts: GenerativeParts) {
  const { connection, project, runs, samples, selection, models, toasts } = parts;
  return {
    generation: new Generation(project, models, runs, toasts),
    queries: new Queries(connection, project, runs, toasts),
    queryInfluence: new QueryInfluence({ connection, project, runs, samples, toasts }),
    groups: new Groups({ connection, project, samples, selection, toasts }),
    groupAttributions: new GroupAttributions(connection, project, runs, toasts),
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
