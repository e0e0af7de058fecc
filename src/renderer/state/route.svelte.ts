/** @file Which screen is shown. It lives in the address, so that reload and back work as everywhere. */
import type { CaseId, QueryId, SampleId } from '../../contract/vocabulary.ts';

/** In the order of the rail. */
export const screenNames = [
  'home',
  'import',
  'browse',
  'map',
  'issues',
  'influence',
  'generated',
  'groups',
  'subsets',
  'cases',
  'reports',
  'models',
  'methods',
  'history',
  'settings',
] as const;
export type ScreenName = (typeof screenNames)[number];

export interface Location {
  readonly screen: ScreenName;
  /** The image or the case that the screen is about, where it is about one. */
  readonly subjectId: number | null;
}

/** '#/influence/12' → influence of image 12; anything unknown → home. */
export function parseLocation(hash: string): Location {
  const [, name, id] = hash.split('/');
  const screen = screenNames.find((candidate) => candidate === name) ?? 'home';
  const number = Number(id);
  return { screen, subjectId: Number.isInteger(number) && number > 0 ? number : null };
}

export class Route {
  #location = $state.raw<Location>({ screen: 'home', subjectId: null });

  constructor() {
    this.#location = parseLocation(location.hash);
    window.addEventListener('hashchange', () => {
      this.#location = parseLocation(location.hash);
    });
  }

  get screen(): ScreenName {
    return this.#location.screen;
  }

  /** The sample that Influence is about. */
  get sampleId(): SampleId | null {
    return this.screen === 'influence' ? (this.#location.subjectId as SampleId | null) : null;
  }

  /** The query image that Generated is about. */
  get queryId(): QueryId | null {
    return this.screen === 'generated' ? (this.#location.subjectId as QueryId | null) : null;
  }

  /** The case that Cases or Reports is about. */
  get caseId(): CaseId | null {
    const isOfCase = this.screen === 'cases' || this.screen === 'reports';
    return isOfCase ? (this.#location.subjectId as CaseId | null) : null;
  }

  go(screen: ScreenName, subjectId: SampleId | QueryId | CaseId | null = null): void {
    location.hash = addressOf(screen, subjectId);
  }

  /** The same screen, about another image: 'back' leaves the screen, not one image after the other. */
  replace(screen: ScreenName, imageId: SampleId | QueryId): void {
    history.replaceState(null, '', addressOf(screen, imageId));
    this.#location = { screen, subjectId: imageId };
  }

  back(): void {
    history.back();
  }
}

function addressOf(screen: ScreenName, subjectId: number | null): string {
  return subjectId === null ? `#/${screen}` : `#/${screen}/${subjectId}`;
}
