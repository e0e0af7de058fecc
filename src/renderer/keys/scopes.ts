/** @file Where keys are heard. Two scopes overlap where they share a place; there no key may mean two things. */

const places = [
  'browse',
  'map',
  'generated',
  'labels',
  'pictures',
  'influence',
  'matches',
  'judging',
  'field',
] as const;
type Place = (typeof places)[number];

interface ScopeRow {
  readonly title: string;
  readonly places: readonly Place[];
}

export const scopes = {
  everywhere: { title: 'Everywhere', places },
  moving: { title: 'Moving among images', places: ['browse', 'generated'] },
  grid: { title: 'Browse, map and generated images', places: ['browse', 'map', 'generated'] },
  images: { title: 'Selected images', places: ['browse', 'map'] },
  map: { title: 'Map', places: ['map'] },
  labels: { title: 'Label issues', places: ['labels'] },
  pictures: { title: 'Image issues', places: ['pictures'] },
  pair: { title: 'Two images compared', places: ['pictures', 'influence', 'matches', 'judging'] },
  evidence: { title: 'Training images of evidence', places: ['labels', 'influence'] },
  generated: { title: 'Generated images', places: ['generated'] },
  matches: { title: 'Near-copies of a case', places: ['matches'] },
  judging: { title: 'Judging exhibits', places: ['judging'] },
  fields: { title: 'Query and histograms', places: ['field'] },
} as const satisfies Record<string, ScopeRow>;

export type Scope = keyof typeof scopes;

export const scopeNames = Object.keys(scopes) as Scope[];

export function overlap(one: Scope, other: Scope): boolean {
  const there: readonly Place[] = scopes[other].places;
  return scopes[one].places.some((place) => there.includes(place));
}
