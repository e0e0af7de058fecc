/** @file Which screen is shown. It lives in the address, so that reload and back work as everywhere. */
import type { SampleId } from '../../contract/vocabulary.ts';

export const screenNames = [
  'home',
  'import',
  'browse',
  'issues',
  'influence',
  'subsets',
  'models',
  'methods',
  'history',
] as const;
export type ScreenName = (typeof screenNames)[number];

export interface Location {
  readonly screen: ScreenName;
  /** The image that the screen is about, where it is about one. */
  readonly sampleId: SampleId | null;
}

/** '#/influence/12' → influence of image 12; anything unknown → home. */
export function parseLocation(hash: string): Location {
  const [, name, id] = hash.split('/');
  const screen = screenNames.find((candidate) => candidate === name) ?? 'home';
  const number = Number(id);
  return { screen, sampleId: Number.isInteger(number) && number > 0 ? (number as SampleId) : null };
}

export class Route {
  #location = $state.raw<Location>({ screen: 'home', sampleId: null });

  constructor() {
    this.#location = parseLocation(location.hash);
    window.addEventListener('hashchange', () => {
      this.#location = parseLocation(location.hash);
    });
  }

  get screen(): ScreenName {
    return this.#location.screen;
  }

  get sampleId(): SampleId | null {
    return this.#location.sampleId;
  }

  go(screen: ScreenName, sampleId: SampleId | null = null): void {
    location.hash = sampleId === null ? `#/${screen}` : `#/${screen}/${sampleId}`;
  }

  back(): void {
    history.back();
  }
}
