/** @file What of a map is selected, faded or hidden, and how many points of each kind that leaves. */
import type { MapColours } from '../../../contract/maps-service.ts';
import { hasSample, type SampleSet } from '../../../contract/sample-set.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import { translate } from '../../texts/translate.svelte.ts';
import { FADED, HIDDEN, SELECTED } from './painter.ts';

export interface Marking {
  readonly isSelected: (id: SampleId) => boolean;
  /** What the filter lets through; null: everything. */
  readonly matching: SampleSet | null;
  readonly colours: MapColours | null;
  /** Places in the legend that are taken out; −1: what has no value. */
  readonly hidden: ReadonlySet<number>;
}

/** The flags of each point. */
export function markPoints(sampleIds: Int32Array, marking: Marking): Uint8Array {
  const { isSelected, matching, colours, hidden } = marking;
  const flags = new Uint8Array(sampleIds.length);
  for (const [point, id] of sampleIds.entries()) {
    if (isSelected(id as SampleId)) flags[point]! |= SELECTED;
    if (matching !== null && !hasSample(matching, id as SampleId)) flags[point]! |= FADED;
    if (hidden.size > 0 && hidden.has(codeOf(colours, point))) flags[point]! |= HIDDEN;
  }
  return flags;
}

/** Whether a point can be selected: what is out of the filter or out of the legend is not meant. */
export function isOpen(flags: Uint8Array, point: number): boolean {
  return (flags[point]! & (FADED | HIDDEN)) === 0;
}

export interface LegendEntry {
  /** Place in the legend; −1: what has no value. */
  readonly code: number;
  readonly name: string;
  readonly total: number;
  /** Of them the filter lets through. */
  readonly matching: number;
}

/** The kinds of points in the order of the legend, those without a value last. */
export function legendOf(colours: MapColours | null, flags: Uint8Array): LegendEntry[] {
  if (colours === null) return [];
  const entries = colours.kind === 'categories' ? colours.entries : [];
  const matching = new Map<number, number>();
  for (const [point, flag] of flags.entries()) {
    if ((flag & FADED) !== 0) continue;
    const code = codeOf(colours, point);
    matching.set(code, (matching.get(code) ?? 0) + 1);
  }
  const found = entries.map(({ name, count }, code) => ({
    ...{ code, name, total: count },
    matching: matching.get(code) ?? 0,
  }));
  if (colours.without === 0) return found;
  return [
    ...found,
    { code: -1, name: translate('none'), total: colours.without, matching: matching.get(-1) ?? 0 },
  ];
}

function codeOf(colours: MapColours | null, point: number): number {
  if (colours === null) return -1;
  if (colours.kind === 'categories') return colours.codes[point]!;
  return Number.isNaN(colours.values[point]!) ? -1 : 0;
}
