/** @file Where each step of the tour is taken: its screen, the element that it points at, and when it is done. */
import type { App } from '../../state/app.svelte.ts';
import type { ScreenName } from '../../state/route.svelte.ts';
import type { TourStep } from '../../state/tour.svelte.ts';

interface TourPlace {
  /** null: wherever one is. */
  readonly screen: ScreenName | null;
  /** Of the element; the first that is in view counts. Where there is none, the screen's link in the rail is pointed at. */
  readonly selector: string;
  /** True once the person has done it; a step without it is only looked at. */
  readonly isDone?: (app: App) => boolean;
}

export const tourPlaces: Readonly<Record<TourStep, TourPlace>> = {
  sample: {
    ...{ screen: 'home', selector: '[data-tour="sample"]' },
    isDone: ({ importing, project }) => importing.layout !== null || (project.summary?.sampleCount ?? 0) > 0,
  },
  import: {
    ...{ screen: 'import', selector: '[data-tour="import"]' },
    isDone: ({ project, runs }) =>
      (project.summary?.sampleCount ?? 0) > 0 && !runs.active.some(({ kind }) => kind === 'import'),
  },
  browse: {
    ...{ screen: 'browse', selector: '[data-testid="grid"]' },
    isDone: ({ selection }) => selection.size > 1,
  },
  find: {
    ...{ screen: 'issues', selector: '[data-tour="find"]' },
    isDone: ({ analysis, issues }) => analysis.step === null && (issues.summary?.total ?? 0) > 0,
  },
  decide: {
    ...{ screen: 'issues', selector: '[data-tour="answers"]' },
    isDone: ({ issues }) => (issues.summary?.decided ?? 0) > 0,
  },
  undo: {
    ...{ screen: null, selector: '[data-tour="undo"]' },
    isDone: ({ labels }) => labels.redoText !== null,
  },
  why: { screen: 'issues', selector: '[data-tour="evidence"]' },
  export: {
    ...{ screen: null, selector: '[data-tour="export"]' },
    isDone: ({ overlays }) => overlays.open === 'export',
  },
  help: { screen: null, selector: '[data-tour="help"]' },
};

/** The element that a step points at; null while nothing of it is in view. */
export function tourTarget({ screen, selector }: TourPlace): HTMLElement | null {
  const link =
    screen === null ? [] : [...document.querySelectorAll<HTMLElement>(`nav a[href="#/${screen}"]`)];
  const found = [...document.querySelectorAll<HTMLElement>(selector), ...link];
  return found.find((element) => element.checkVisibility()) ?? null;
}
