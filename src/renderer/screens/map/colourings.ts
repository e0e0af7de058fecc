/** @file What the points of a map can be coloured by, as the choices of a field. */
import { countSamples } from '../../../contract/sample-set.ts';
import { MapColouring } from '../../../contract/maps-service.ts';
import type { App } from '../../state/app.svelte.ts';

export interface ColouringChoice {
  readonly value: string;
  readonly text: string;
}

const plain = {
  label: 'Label',
  'given-label': 'Given label',
  split: 'Split',
  decision: 'Decision',
  'issue-score': 'Label issue score',
  tag: 'Tag',
  group: 'Group',
  exclusion: 'Excluded',
} as const satisfies Record<Exclude<MapColouring['kind'], 'column'>, string>;

/** Those that say something in this project. */
export function listColourings(app: App): ColouringChoice[] {
  const says: Partial<Record<keyof typeof plain, boolean>> = {
    'issue-score': app.issues.summary !== null && app.issues.summary.total > 0,
    tag: app.tags.entries.length > 0,
    group: app.groups.list.length > 0,
    exclusion: countSamples(app.exclusions.images) > 0,
  };
  const choices = Object.entries(plain)
    .filter(([kind]) => says[kind as keyof typeof plain] ?? true)
    .map(([value, text]) => ({ value, text }));
  const columns = app.samples.facets?.columns ?? [];
  return [...choices, ...columns.map(({ id, name }) => ({ value: `column ${id}`, text: name }))];
}

export function colouringValue(by: MapColouring): string {
  return by.kind === 'column' ? `column ${by.columnId}` : by.kind;
}

export function readColouring(value: string): MapColouring {
  const [kind, id] = value.split(' ');
  return MapColouring.parse(id === undefined ? { kind } : { kind, columnId: Number(id) });
}
