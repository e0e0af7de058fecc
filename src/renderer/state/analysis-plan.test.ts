import { describe, expect, it } from 'vitest';
import type { Run } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { nextStep, startingStep } from './analysis-plan.ts';

const makeRun = (
  id: number,
  kind: Run['kind'],
  status: Run['status'] = 'finished',
  folds = 5,
): Pick<Run, 'id' | 'kind' | 'status' | 'config'> => ({
  id: id as RunId,
  kind,
  status,
  config: { folds },
});

describe('startingStep', () => {
  it('trains first on a fresh project', () => {
    expect(startingStep([makeRun(1, 'import')])).toBe('train');
  });

  it('takes a model that was trained after the last import', () => {
    expect(startingStep([makeRun(2, 'train'), makeRun(1, 'import')])).toBe('attribute');
    expect(startingStep([makeRun(3, 'import'), makeRun(2, 'train'), makeRun(1, 'import')])).toBe('train');
  });

  it('does not take a training that failed, or one without folds', () => {
    expect(startingStep([makeRun(2, 'train', 'failed'), makeRun(1, 'import')])).toBe('train');
    expect(startingStep([makeRun(2, 'train', 'finished', 0), makeRun(1, 'import')])).toBe('train');
  });

  it('takes a brought model that has learned the images, not one with an untrained head', () => {
    const brought = (learned: string, newHead: boolean) => ({
      ...makeRun(2, 'evaluate'),
      config: { choices: { learned, newHead } },
    });
    expect(startingStep([brought('train', false), makeRun(1, 'import')])).toBe('attribute');
    expect(startingStep([brought('none', false), makeRun(1, 'import')])).toBe('train');
    expect(startingStep([brought('train', true), makeRun(1, 'import')])).toBe('train');
  });

  it('attributes again where the model is newer than the attribution', () => {
    const runs = [makeRun(4, 'train'), makeRun(3, 'attribute'), makeRun(2, 'train'), makeRun(1, 'import')];
    expect(startingStep(runs)).toBe('attribute');
  });

  it('starts over where everything has been done', () => {
    const runs = [makeRun(4, 'issues'), makeRun(3, 'attribute'), makeRun(2, 'train'), makeRun(1, 'import')];
    expect(startingStep(runs)).toBe('train');
  });
});

describe('nextStep', () => {
  it('ends after the ranking', () => {
    expect(nextStep('train')).toBe('attribute');
    expect(nextStep('issues')).toBeNull();
  });
});
