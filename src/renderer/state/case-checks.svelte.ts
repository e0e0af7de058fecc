/** @file Setting up the runs that the checks of a case are made of: for its queries, its model and its groups. */
import { FindCopiesConfig, type CaseCheck, type CaseFile } from '../../contract/cases-service.ts';
import {
  AttributeGroupsConfig,
  AttributeQueriesConfig,
  type DiffusionMethod,
} from '../../contract/generation-configs.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { Cases } from './cases.svelte.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** So many proponents that two methods can be compared by their strongest 50. */
const PROPONENTS = 50;
/** Training images and images that the model never saw, whose scores those of the queries are held against. */
const CONTROLS = 8;
/** As many trainings as tell a spread. */
const REMOVAL_REPEATS = 3;
/** In which order methods are proposed: the best known first, then one that differs in what it looks at. */
const proposed: readonly DiffusionMethod[] = ['d-trak', 'trak', 'das', 'grad-cos'];

export const runKindOf = {
  copies: 'find-copies',
  influence: 'attribute-queries',
  groups: 'attribute-groups',
  removal: 'attribute-groups',
} as const satisfies Record<CaseCheck, Run['kind']>;

export class CaseChecks {
  readonly copies: PlannedRun<FindCopiesConfig>;
  readonly influence: PlannedRun<AttributeQueriesConfig>;
  readonly groups: PlannedRun<AttributeGroupsConfig>;
  readonly removal: PlannedRun<AttributeGroupsConfig>;
  readonly #runs: Runs;
  readonly #cases: Cases;

  constructor(cases: Cases, project: Project, runs: Runs, toasts: Toasts) {
    this.#cases = cases;
    this.#runs = runs;
    this.copies = new PlannedRun(runs, toasts, FindCopiesConfig.parse({}), (config) => ({
      kind: 'find-copies',
      config,
    }));
    this.influence = new PlannedRun(runs, toasts, influenceDefaults(), (config) => ({
      kind: 'attribute-queries',
      config,
    }));
    const byGroups = (config: AttributeGroupsConfig): PlannedRun<AttributeGroupsConfig> =>
      new PlannedRun(runs, toasts, config, (asked) => ({ kind: 'attribute-groups', config: asked }));
    this.groups = byGroups(AttributeGroupsConfig.parse({}));
    this.removal = byGroups(removalDefaults());
    project.onOpened(() => this.#reset());
    runs.onResume((before, after) => {
      const linked = cases.file?.runs.find(({ runId }) => runId === before);
      if (linked !== undefined && before !== after) void cases.linkRun(linked.check, after);
    });
  }

  /** Sets the check up for what the case is about; other choices stay as they are. */
  prepare(file: CaseFile, check: CaseCheck): void {
    const queries = [...file.queryIds];
    const modelId = file.modelIds[0] ?? null;
    const groups = file.groups.map(({ groupId }) => groupId);
    if (check === 'copies') this.copies.change({ queries });
    if (check === 'influence') this.influence.change({ queries, modelId, method: this.#nextMethod(file) });
    if (check === 'groups') this.groups.change({ queries, modelId, groups });
    if (check === 'removal') this.removal.change({ queries, modelId, groups: this.#oneGroup(file) });
  }

  /** Starts the run and makes it part of the case. */
  async start(check: CaseCheck): Promise<void> {
    const runId = await this[check].start();
    if (runId !== null) await this.#cases.linkRun(check, runId);
  }

  /** Finished runs of the kind that are not part of the case yet, newest first. */
  earlierRuns(file: CaseFile, check: CaseCheck): readonly Run[] {
    const linked = new Set(file.runs.map(({ runId }) => runId));
    return this.#runs.list.filter(
      (run) =>
        run.kind === runKindOf[check] &&
        run.status === 'finished' &&
        !linked.has(run.id) &&
        (check === 'copies' || check === 'influence' || isRemoval(run) === (check === 'removal')),
    );
  }

  /** The first of the proposed methods that no run of the case has used. */
  #nextMethod(file: CaseFile): DiffusionMethod {
    const used = file.runs.map(({ runId }) => this.#runs.byId(runId)?.config['method']);
    return proposed.find((method) => !used.includes(method)) ?? 'd-trak';
  }

  /** The one that was chosen where the case still has it, else one that stands out, else the first. */
  #oneGroup(file: CaseFile): AttributeGroupsConfig['groups'] {
    const ids = file.groups.map(({ groupId }) => groupId);
    const standsOut = file.shares
      .flatMap(({ queries }) => queries.flatMap(({ scores }) => scores))
      .find((score) => score.standsOut && ids.includes(score.groupId))?.groupId;
    const chosen = ids.find((id) => id === this.removal.config.groups[0]) ?? standsOut ?? ids[0];
    return chosen === undefined ? [] : [chosen];
  }

  #reset(): void {
    this.copies.config = FindCopiesConfig.parse({});
    this.influence.config = influenceDefaults();
    this.groups.config = AttributeGroupsConfig.parse({});
    this.removal.config = removalDefaults();
  }
}

/** Whether models were trained again without the groups. */
function isRemoval(run: Run): boolean {
  return run.config['method'] === 'logo';
}

function influenceDefaults(): AttributeQueriesConfig {
  return AttributeQueriesConfig.parse({ topCount: PROPONENTS, controls: CONTROLS });
}

function removalDefaults(): AttributeGroupsConfig {
  return AttributeGroupsConfig.parse({ method: 'logo', repeats: REMOVAL_REPEATS });
}
