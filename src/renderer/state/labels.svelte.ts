/** @file Decisions about labels, and undo without end: both walk the engine's event log. */
import type { HistoryEntry, UndoState } from '../../contract/labels-service.ts';
import type { SampleSet } from '../../contract/sample-set.ts';
import type { ClassEntry, ClassId, DecisionAction } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

const HISTORY_PAGE = 100;

export class Labels {
  undoText = $state<string | null>(null);
  redoText = $state<string | null>(null);
  history = $state.raw<readonly HistoryEntry[]>([]);
  historyTotal = $state(0);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #toasts: Toasts;
  readonly #revertListeners: ((images: SampleSet) => void)[] = [];

  constructor(connection: Connection, project: Project, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#toasts = toasts;
    connection.onReady((engine) => {
      engine.labels.on('undoStateChanged', (state) => this.#apply(state));
    });
    project.onOpened(() => void this.#read());
  }

  /** Called after an undo or a redo with the images that it touched. */
  onRevert(listener: (images: SampleSet) => void): void {
    this.#revertListeners.push(listener);
  }

  /** Records a decision about images, of which there are some. True where it was stored. */
  async decide(images: SampleSet, action: DecisionAction, label: ClassId | null = null): Promise<boolean> {
    const state = await this.#toasts.attempt(() =>
      this.#connection.engine.labels.decide({ images, action, label }),
    );
    if (state === null) return false;
    this.#apply(state);
    return true;
  }

  undo(): Promise<void> {
    return this.#revert('undo');
  }

  redo(): Promise<void> {
    return this.#revert('redo');
  }

  /** Takes back everything after this event. */
  async undoTo({ id }: HistoryEntry): Promise<void> {
    const result = await this.#toasts.attempt(() => this.#connection.engine.labels.undoTo({ eventId: id }));
    if (result !== null) this.#tell(result);
  }

  /** Adds a class and answers it. */
  async addClass(name: string): Promise<ClassEntry | null> {
    return this.#toasts.attempt(() => this.#connection.engine.labels.addClass({ name }));
  }

  async readHistory(): Promise<void> {
    const page = await this.#historyPage(0, Math.max(HISTORY_PAGE, Math.min(500, this.history.length)));
    if (page !== null) this.history = page;
  }

  async readMoreHistory(): Promise<void> {
    if (this.history.length >= this.historyTotal) return;
    const page = await this.#historyPage(this.history.length, HISTORY_PAGE);
    if (page !== null) this.history = [...this.history, ...page];
  }

  async #historyPage(from: number, count: number): Promise<readonly HistoryEntry[] | null> {
    const page = await this.#toasts.attempt(() => this.#connection.engine.labels.history({ from, count }));
    if (page === null) return null;
    this.historyTotal = page.total;
    return page.entries;
  }

  async #revert(direction: 'undo' | 'redo'): Promise<void> {
    if ((direction === 'undo' ? this.undoText : this.redoText) === null) return;
    const result = await this.#toasts.attempt(() => this.#connection.engine.labels[direction]());
    if (result !== null) this.#tell(result);
  }

  #tell(result: UndoState & { text: string; images: SampleSet }): void {
    this.#apply(result);
    this.#toasts.info(result.text);
    for (const listener of this.#revertListeners) listener(result.images);
  }

  async #read(): Promise<void> {
    this.history = [];
    this.historyTotal = 0;
    this.#apply({ undoText: null, redoText: null });
    if (this.#project.summary === null) return;
    const state = await this.#toasts.attempt(() => this.#connection.engine.labels.undoState());
    if (state !== null) this.#apply(state);
  }

  #apply(state: { undoText: string | null; redoText: string | null }): void {
    this.undoText = state.undoText;
    this.redoText = state.redoText;
  }
}
