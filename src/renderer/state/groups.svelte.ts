/** @file Groups of training images: which there are, and defining more. */
import type { EachRule, Group, GroupOverlap, GroupPreview } from '../../contract/groups-service.ts';
import { countSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { GroupId } from '../../contract/vocabulary.ts';
import { formatQuantity } from '../format/numbers.ts';
import type { Connection, EngineClients } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Samples } from './samples.svelte.ts';
import type { Selection } from './selection.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** What new groups are made of. */
export const groupSources = ['class', 'folder', 'tag', 'column', 'filter', 'selection'] as const;
export type GroupSource = (typeof groupSources)[number];

type GroupRule = Parameters<EngineClients['groups']['define']>[0]['rule'];

interface Parts {
  readonly connection: Connection;
  readonly project: Project;
  readonly samples: Pick<Samples, 'filter'>;
  readonly selection: Selection;
  readonly toasts: Toasts;
}

export class Groups {
  list = $state.raw<readonly Group[]>([]);
  overlaps = $state.raw<readonly GroupOverlap[]>([]);
  loaded = $state(false);
  /** The form that defines groups. */
  source = $state<GroupSource>('class');
  /** null: as few levels as tell folders apart. */
  folderDepth = $state<number | null>(null);
  /** Whose values tell groups apart. */
  column = $state<string | null>(null);
  /** Of the groups of each class, folder, tag or value that the form would define; null: not known yet, or the form is for another kind. */
  preview = $state.raw<GroupPreview | null>(null);
  name = $state('');
  working = $state(false);
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.connection.onReady((engine) => engine.groups.on('changed', () => void this.refresh()));
    parts.project.onOpened(() => {
      this.list = [];
      this.overlaps = [];
      this.loaded = false;
      void this.refresh();
    });
  }

  byId(id: GroupId): Group | null {
    return this.list.find((group) => group.id === id) ?? null;
  }

  /** The groups that share images with this one, and how many. */
  sharedWith(id: GroupId): readonly { readonly group: Group; readonly shared: number }[] {
    return this.overlaps.flatMap(({ first, second, shared }) => {
      if (first !== id && second !== id) return [];
      const group = this.byId(first === id ? second : first);
      return group === null ? [] : [{ group, shared }];
    });
  }

  async refresh(): Promise<void> {
    if (this.#parts.project.summary === null) return;
    const { groups } = this.#parts.connection.engine;
    const [list, overlaps] = await Promise.all([
      this.#parts.toasts.attempt(() => groups.list()),
      this.#parts.toasts.attempt(() => groups.overlaps()),
    ]);
    if (list === null || overlaps === null) return;
    this.list = list;
    this.overlaps = overlaps;
    this.loaded = true;
  }

  prepare(source: GroupSource): void {
    this.source = source;
    this.name = '';
    this.preview = null;
  }

  /** Whether the form says enough. */
  get canDefine(): boolean {
    if (this.working) return false;
    if (this.#each !== null)
      return this.#hasDepth && (this.preview === null || this.preview.groups.length > 0);
    if (this.source === 'column' || this.name.trim() === '') return false;
    return this.source === 'filter' || this.#parts.selection.size > 0;
  }

  /** null: the form is for one group, or no column is chosen. */
  get #each(): EachRule | null {
    const { source: by, folderDepth, column } = this;
    if (by === 'filter' || by === 'selection') return null;
    return by === 'column' && column === null ? null : { by, folderDepth, column };
  }

  get #hasDepth(): boolean {
    return this.folderDepth === null || (Number.isInteger(this.folderDepth) && this.folderDepth >= 1);
  }

  /** Asks which groups the form would define. */
  async lookAhead(): Promise<void> {
    const rule = this.#each;
    if (rule === null) {
      this.preview = null;
      return;
    }
    if (!this.#hasDepth) return;
    const { groups } = this.#parts.connection.engine;
    const found = await this.#parts.toasts.attempt(() => groups.previewEach(rule));
    // What was asked for meanwhile answers for itself.
    if (JSON.stringify(rule) === JSON.stringify(this.#each)) this.preview = found;
  }

  /** True where the groups are there. */
  async define(): Promise<boolean> {
    this.working = true;
    const count = await this.#parts.toasts.attempt(() => this.#defineBySource());
    this.working = false;
    if (count === null) return false;
    this.#parts.toasts.info(
      count === 0 ? 'These groups are there already' : `Defined ${formatQuantity(count, 'group')}`,
    );
    await this.refresh();
    return true;
  }

  async rename(id: GroupId, name: string): Promise<void> {
    await this.#parts.toasts.attempt(() => this.#parts.connection.engine.groups.rename({ id, name }));
    await this.refresh();
  }

  async remove(ids: readonly GroupId[]): Promise<void> {
    await this.#parts.toasts.attempt(() => this.#parts.connection.engine.groups.remove({ ids: [...ids] }));
    await this.refresh();
  }

  /** Adds images to a group, or takes them out of it; what was estimated of it before is said to be of before. */
  async change(id: GroupId, images: SampleSet, added: boolean): Promise<void> {
    const { connection, toasts } = this.#parts;
    const group = this.byId(id);
    const change = await toasts.attempt(() => connection.engine.groups.change({ id, images, added }));
    if (change === null || group === null) return;
    toasts.info(describeChange(group, change.changed, countSamples(images), added));
  }

  /** Selects the images of the group, as if by hand. */
  async select(id: GroupId): Promise<boolean> {
    const { connection, selection, toasts } = this.#parts;
    const members = await toasts.attempt(() => connection.engine.groups.members({ id }));
    if (members === null) return false;
    selection.selectAll(members.ids);
    return true;
  }

  /** Answers how many groups are new. */
  async #defineBySource(): Promise<number> {
    const { groups } = this.#parts.connection.engine;
    const rule = this.#each;
    if (rule !== null) return (await groups.defineEach(rule)).length;
    await groups.define({ name: this.name.trim(), rule: this.#rule() });
    return 1;
  }

  #rule(): GroupRule {
    const { samples, selection } = this.#parts;
    if (this.source === 'selection') return { kind: 'selection', images: selection.images };
    return { kind: 'filter', filter: samples.filter };
  }
}

function describeChange(group: Group, changed: number, asked: number, added: boolean): string {
  const images = formatQuantity(changed, 'image');
  if (changed === 0)
    return added
      ? `Nothing to add to ${group.name}: the images are in it, or not in train`
      : `Nothing to take out of ${group.name}`;
  const left = asked - changed;
  const done = added ? `Added ${images} to ${group.name}` : `Took ${images} out of ${group.name}`;
  const rest = added && left > 0 ? `; ${formatQuantity(left, 'image')} were in it, or not in train` : '';
  return group.attributed ? `${done}${rest}. What was estimated of it is of the images it had` : done + rest;
}
