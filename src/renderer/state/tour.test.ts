import { describe, expect, it } from 'vitest';
import { settingDefaults, type SettingsChange } from '../../contract/settings-service.ts';
import type { Project } from './project.svelte.ts';
import type { Settings } from './settings.svelte.ts';
import { Tour, tourSteps } from './tour.svelte.ts';

/** A tour on a machine where so many steps are over, with so many images at hand. */
function tourAt(tourStep: number, sampleCount: number, recent: readonly object[] = []) {
  const settings = {
    current: { ...settingDefaults, tourStep },
    change(change: SettingsChange) {
      settings.current = { ...settings.current, ...change } as typeof settings.current;
      return Promise.resolve();
    },
  };
  const project = { summary: sampleCount === 0 ? null : { sampleCount }, recent };
  const tour = new Tour(settings as unknown as Settings, project as unknown as Project);
  return { tour, settings };
}

describe('the tour', () => {
  it('is offered at the first start only', () => {
    expect(tourAt(0, 0).tour.isOffered).toBe(true);
    expect(tourAt(0, 0, [{}]).tour.isOffered).toBe(false);
    expect(tourAt(-1, 0).tour.isOffered).toBe(false);
    expect(tourAt(3, 0).tour.isOffered).toBe(false);
  });

  it('begins with bringing images, and with looking at them where they are there', () => {
    const [empty, filled] = [tourAt(0, 0).tour, tourAt(0, 3000).tour];
    empty.start();
    filled.start();
    expect([empty.step, filled.step]).toEqual(['sample', 'browse']);
  });

  it('goes on where it was left, back, and from the beginning', () => {
    const { tour } = tourAt(4, 5000);
    expect(tour.canResume).toBe(true);
    tour.start();
    expect(tour.step).toBe('decide');
    tour.back();
    tour.pause();
    expect(tour.isOpen).toBe(false);
    tour.start();
    expect(tour.step).toBe('find');
    tour.restart();
    expect(tour.step).toBe('browse');
  });

  it('is over after its last step, or when it is put away', () => {
    const { tour, settings } = tourAt(tourSteps.length - 1, 5000);
    tour.start();
    tour.next();
    expect([tour.isOpen, tour.canResume, settings.current.tourStep]).toEqual([false, false, -1]);
    tour.start();
    tour.end();
    expect(settings.current.tourStep).toBe(-1);
  });

  it('trains quickly while it waits, and by the defaults otherwise', () => {
    const { tour } = tourAt(0, 3000);
    expect(tour.training.architecture).toBe('cnn');
    tour.start();
    expect(tour.training.architecture).toBe('linear');
  });
});
