/** @file Copyright cases: which there are, the one at hand, and everything that people do in it. */
import type { CaseEntry, CaseFile, Exhibit } from '../../contract/cases-service.ts';
import type { CaseId, GroupId, ModelId, QueryId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { formatQuantity } from '../format/numbers.ts';
import type { CasePart } from './case-parts.ts';
import type { Connection, EngineClients } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Samples } from './samples.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

type CasesClient = EngineClients['cases'];
type Request<Name extends keyof CasesClient> = Omit<NonNullable<Parameters<CasesClient[Name]>[0]>, 'caseId'>;

export type NewExhibit = Pick<Exhibit, 'queryId' | 'sampleId' | 'groupId' | 'caption'>;

/** What the page of a case shows: one of its parts, or all that was done. */
export type CaseView = CasePart | 'events';

interface Parts {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly samples: Pick<Samples, 'tiles'>;
  readonly toasts: Toasts;
}

export class Cases {
  /** Newest first. */
  list = $state.raw<readonly CaseEntry[]>([]);
  loaded = $state(false);
  /** The case at hand; null: none is open, or it is on its way. */
  file = $state.raw<CaseFile | null>(null);
  part = $state<CaseView>('materials');
  /** The query image that results are looked at for; null: the first. */
  chosenQueryId = $state.raw<QueryId | null>(null);
  readonly #parts: Parts;
  #id: CaseId | null = null;
  /** Reads of the case that are under way: the last one counts. */
  #latestRead = 0;
  /** Changes under way: each reads the case when it is through. */
  #acting = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { connection, project, runs } = parts;
    connection.onReady((engine) => {
      engine.cases.on('changed', ({ caseId }) => {
        void this.refresh();
        if (caseId === this.#id && this.#acting === 0) void this.#read();
      });
    });
    project.onOpened(() => this.#reset());
    runs.onChange(() => {
      if (this.#hasMoved()) void this.#read();
    });
  }

  /** The query image that is looked at; null where the case has none. */
  get queryId(): QueryId | null {
    const ids = this.file?.queryIds ?? [];
    return ids.find((id) => id === this.chosenQueryId) ?? ids[0] ?? null;
  }

  /** Results are covered: in blind mode, until every exhibit was judged. */
  get isCovered(): boolean {
    const { file } = this;
    if (file === null || !file.blind) return false;
    return file.exhibits.length === 0 || file.exhibits.some(({ judgements }) => judgements.length === 0);
  }

  async refresh(): Promise<void> {
    if (this.#parts.project.summary === null) return;
    const list = await this.#attempt((cases) => cases.list());
    if (list === null) return;
    this.list = list;
    this.loaded = true;
  }

  /** Looks at the case that the address names; at none where there is no such case, or it is not known yet. */
  async show(named: CaseId | null): Promise<void> {
    const id = this.list.find((entry) => entry.id === named)?.id ?? null;
    if (this.#id === id) return;
    this.#id = id;
    this.file = null;
    this.part = 'materials';
    this.chosenQueryId = null;
    if (id !== null) await this.#read();
  }

  /** Answers its number; null where it was refused. */
  async open(
    name: string,
    question: string,
    materials: { queryIds: QueryId[]; modelIds: ModelId[] },
  ): Promise<CaseId | null> {
    const caseId = await this.#attempt(async (cases) => {
      const id = await cases.open({ name, question });
      await cases.change({ caseId: id, ...materials });
      return id;
    });
    if (caseId !== null) await this.refresh();
    return caseId;
  }

  change(change: Request<'change'>): Promise<boolean> {
    return this.#act((cases, caseId) => cases.change({ caseId, ...change }));
  }

  setStatus(status: CaseFile['status']): Promise<boolean> {
    return this.#act((cases, caseId) => cases.setStatus({ caseId, status }));
  }

  setRights(rights: Request<'setRights'>['rights']): Promise<boolean> {
    return this.#act((cases, caseId) => cases.setRights({ caseId, rights }));
  }

  /** What imported tables say of their rights comes with them. */
  addGroups(ids: readonly GroupId[]): Promise<boolean> {
    return this.#act((cases, caseId) => cases.addGroups({ caseId, groupIds: [...ids] }));
  }

  removeGroup(groupId: GroupId): Promise<boolean> {
    return this.#act((cases, caseId) => cases.removeGroups({ caseId, groupIds: [groupId] }));
  }

  takeManifest(): Promise<boolean> {
    return this.#act((cases, caseId) => cases.takeManifest({ caseId }));
  }

  answer(answer: Request<'answer'>['answer']): Promise<boolean> {
    return this.#act((cases, caseId) => cases.answer({ caseId, answer }));
  }

  linkRun(check: Request<'linkRun'>['check'], runId: RunId): Promise<boolean> {
    return this.#act((cases, caseId) => cases.linkRun({ caseId, check, runId }));
  }

  unlinkRun(runId: RunId): Promise<boolean> {
    return this.#act((cases, caseId) => cases.unlinkRun({ caseId, runId }));
  }

  /** The number of the exhibit that shows this; null where none does. */
  exhibitOf(queryId: QueryId, shown: { sampleId?: SampleId; groupId?: GroupId }): number | null {
    const { sampleId = null, groupId = null } = shown;
    const found = this.file?.exhibits.find(
      (exhibit) =>
        exhibit.queryId === queryId && exhibit.sampleId === sampleId && exhibit.groupId === groupId,
    );
    return found?.number ?? null;
  }

  async addExhibits(exhibits: readonly NewExhibit[]): Promise<void> {
    const added = await this.#act((cases, caseId) => cases.addExhibits({ caseId, exhibits: [...exhibits] }));
    if (added) this.#parts.toasts.info(`Added ${formatQuantity(exhibits.length, 'exhibit')}`);
  }

  changeExhibit(number: number, change: { caption?: string; redacted?: boolean }): Promise<boolean> {
    return this.#act((cases, caseId) => cases.changeExhibit({ caseId, number, ...change }));
  }

  withdrawExhibit(number: number, reason: string): Promise<boolean> {
    return this.#act((cases, caseId) => cases.withdrawExhibit({ caseId, number, reason }));
  }

  judge(number: number, judgement: Request<'judge'>['judgement']): Promise<boolean> {
    return this.#act((cases, caseId) => cases.judge({ caseId, number, judgement }));
  }

  note(text: string): Promise<boolean> {
    return this.#act((cases, caseId) => cases.note({ caseId, text }));
  }

  decide(text: string): Promise<boolean> {
    return this.#act((cases, caseId) => cases.decide({ caseId, text }));
  }

  /** As a picture; null where there is none. */
  differenceMap(queryId: QueryId, sampleId: SampleId): Promise<Blob | null> {
    const caseId = this.#id;
    if (caseId === null) return Promise.resolve(null);
    return this.#attempt(async (cases) => {
      const { bytes, type } = await cases.differenceMap({ caseId, queryId, sampleId });
      return new Blob([new Uint8Array(bytes)], { type });
    });
  }

  /** Does something in the case at hand, and reads the case again. True where it was done. */
  async #act(work: (cases: CasesClient, caseId: CaseId) => Promise<unknown>): Promise<boolean> {
    const caseId = this.#id;
    if (caseId === null) return false;
    this.#acting++;
    const done = await this.#attempt(async (cases) => {
      await work(cases, caseId);
      return true;
    });
    this.#acting--;
    await this.#read();
    return done === true;
  }

  #attempt<T>(work: (cases: CasesClient) => Promise<T>): Promise<T | null> {
    const { connection, toasts } = this.#parts;
    return toasts.attempt(() => work(connection.engine.cases));
  }

  async #read(): Promise<void> {
    const caseId = this.#id;
    if (caseId === null) return;
    const read = ++this.#latestRead;
    const file = await this.#attempt((cases) => cases.read({ caseId }));
    if (read !== this.#latestRead || caseId !== this.#id) return;
    this.file = file;
    if (file !== null) this.#parts.samples.tiles.request(samplesOf(file));
  }

  /** A run of the case is no longer what the case says of it. */
  #hasMoved(): boolean {
    const linked = this.file?.runs ?? [];
    return linked.some(({ runId, status }) => {
      const now = this.#parts.runs.byId(runId)?.status;
      return now !== undefined && now !== status;
    });
  }

  /** Another project: its numbers mean other cases. */
  #reset(): void {
    this.list = [];
    this.loaded = false;
    this.#id = null;
    this.file = null;
    void this.refresh();
  }
}

/** Training images that screens of the case name. */
function samplesOf({ copies, exhibits, influence }: CaseFile): SampleId[] {
  return [
    ...(copies?.queries ?? []).flatMap(({ matches }) => matches.map(({ sampleId }) => sampleId)),
    ...influence.flatMap(({ queries }) =>
      queries.flatMap(({ proponents }) => proponents.map(({ sampleId }) => sampleId)),
    ),
    ...exhibits.flatMap(({ sampleId }) => (sampleId === null ? [] : [sampleId])),
  ];
}
