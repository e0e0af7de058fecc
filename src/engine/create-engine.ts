/** @file The engine: every service of the contract over one open project. The shell, the server and the CLI are its clients. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Handlers } from '../contract/service.ts';
import type { EngineServices } from '../contract/services.ts';
import { startNodeSelfTest, type StartSelfTest } from './runtime/run-self-test.ts';
import { makeAssets, type Assets } from './services/assets.ts';
import type { Emit } from './services/emit.ts';
import { EngineContext } from './services/engine-context.ts';
import { makeCasesHandlers } from './services/cases-service.ts';
import { makeDatamodelsHandlers } from './services/datamodels-service.ts';
import { makeEngineHandlers } from './services/engine-service.ts';
import { makeExportsHandlers } from './services/exports-service.ts';
import { makeEvaluationsHandlers } from './services/evaluations-service.ts';
import { makeGroupsHandlers } from './services/groups-service.ts';
import { makeMapsHandlers } from './services/maps-service.ts';
import { makeQueriesHandlers } from './services/queries-service.ts';
import { makeSettingsHandlers } from './services/settings-service.ts';
import { makeSubsetsHandlers } from './services/subsets-service.ts';
import { makeImageIssuesHandlers } from './services/image-issues-service.ts';
import { makeInfluenceHandlers, makeIssuesHandlers } from './services/findings-services.ts';
import { makeImportsHandlers } from './services/imports-service.ts';
import { makeLabelsHandlers } from './services/labels-service.ts';
import { makeHistoryHandlers } from './services/history-service.ts';
import { makeTagsHandlers } from './services/tags-service.ts';
import { makeViewsHandlers } from './services/views-service.ts';
import { MachineState } from './services/machine-state.ts';
import { makeModelsHandlers } from './services/models-service.ts';
import { makeProjectsHandlers } from './services/projects-service.ts';
import { makeReportsHandlers } from './services/reports-service.ts';
import { makeRunsHandlers } from './services/runs-service.ts';
import { makeSamplesHandlers } from './services/samples-service.ts';
import { explainStorageError } from './storage/connection.ts';

export interface EngineOptions {
  /** What this machine remembers between projects. */
  readonly homePath: string;
  /** What is shipped beside the program; read-only. */
  readonly resourcesPath: string;
  /** Where new projects go by default: a folder in the person's documents where not given. */
  readonly projectsPath?: string;
  /** How this program starts the self-test of a provider; as a child of Node where not given. */
  readonly startSelfTest?: StartSelfTest;
}

type EngineHandlers = { readonly [Name in keyof EngineServices]: Handlers<EngineServices[Name]> };
type EngineListener = (service: string, event: string, payload: unknown) => void;

export interface Engine {
  readonly handlers: EngineHandlers;
  readonly assets: Assets;
  /** Answers how to stop listening. */
  onEvent(listener: EngineListener): () => void;
  /** Interrupts running work and closes the project. */
  dispose(): Promise<void>;
}

export function createEngine(options: EngineOptions): Engine {
  const listeners = new Set<EngineListener>();
  const emit: Emit = (service, event, payload) => {
    for (const listener of listeners) listener(service, event, payload);
  };
  const context = new EngineContext({
    machine: new MachineState(options.homePath),
    resourcesPath: options.resourcesPath,
    projectsPath: options.projectsPath ?? defaultProjectsPath(),
    emit,
    startSelfTest: options.startSelfTest ?? startNodeSelfTest,
  });
  const assets = makeAssets(context);
  return {
    handlers: makeHandlers(context, assets),
    assets,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose: () => context.closeProject(),
  };
}

function makeHandlers(context: EngineContext, assets: Assets): EngineHandlers {
  const handlers: EngineHandlers = {
    engine: makeEngineHandlers(context),
    settings: makeSettingsHandlers(context),
    projects: makeProjectsHandlers(context),
    imports: makeImportsHandlers(context),
    samples: makeSamplesHandlers(context, assets),
    labels: makeLabelsHandlers(context),
    history: makeHistoryHandlers(context),
    tags: makeTagsHandlers(context),
    views: makeViewsHandlers(context),
    runs: makeRunsHandlers(context),
    models: makeModelsHandlers(context),
    issues: makeIssuesHandlers(context),
    imageIssues: makeImageIssuesHandlers(context),
    influence: makeInfluenceHandlers(context),
    evaluations: makeEvaluationsHandlers(context),
    subsets: makeSubsetsHandlers(context),
    datamodels: makeDatamodelsHandlers(context),
    queries: makeQueriesHandlers(context, assets),
    groups: makeGroupsHandlers(context),
    maps: makeMapsHandlers(context),
    cases: makeCasesHandlers(context),
    reports: makeReportsHandlers(context),
    exports: makeExportsHandlers(context),
  };
  return explainingStorageErrors(handlers, () => context.projectOrNull?.folder.path ?? '');
}

/** Every call through one place where a locked, full or damaged database becomes an error that a person can act on. */
function explainingStorageErrors<Table extends Readonly<Record<string, object>>>(
  table: Table,
  pathOf: () => string,
): Table {
  const wrap =
    (handle: (...request: unknown[]) => unknown) =>
    async (...request: unknown[]): Promise<unknown> => {
      try {
        return await handle(...request);
      } catch (cause) {
        throw explainStorageError(cause, pathOf());
      }
    };
  const wrapAll = (handlers: object): object =>
    Object.fromEntries(Object.entries(handlers).map(([name, handle]) => [name, wrap(handle as never)]));
  return Object.fromEntries(
    Object.entries(table).map(([name, handlers]) => [name, wrapAll(handlers)]),
  ) as Table;
}

function defaultProjectsPath(): string {
  const documents = join(homedir(), 'Documents');
  return join(existsSync(documents) ? documents : homedir(), 'Whence');
}
