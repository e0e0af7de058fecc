import { describe, expect, it, vi } from 'vitest';
import { FakeEngine } from '../../../testing/fake-engine.ts';
import { makeGenerator } from '../../../testing/fake-generation.ts';
import { Evaluation } from '../../contract/evaluations-service.ts';
import type { ModelId, SampleId } from '../../contract/vocabulary.ts';
import { Attribution } from './attribution.svelte.ts';
import { Connection } from './connection.svelte.ts';
import { Evaluations } from './evaluations.svelte.ts';
import { Influence } from './influence.svelte.ts';
import { Models } from './models.svelte.ts';
import { PlannedEvaluation } from './planned-evaluation.svelte.ts';
import { Project } from './project.svelte.ts';
import { Runs } from './runs.svelte.ts';
import { Settings } from './settings.svelte.ts';
import { Samples } from './samples.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });

const IMAGE = 3 as SampleId;
const lds = Evaluation.parse({
  id: 1,
  runId: 1,
  modelId: 1,
  kind: 'lds',
  title: 'TRAK',
  choices: null,
  score: 0.41,
  deviation: 0.02,
  ceiling: 0.78,
  chance: null,
  figures: {},
  curves: [],
  cost: null,
  createdAt: '2026-01-01T00:00:00.000Z',
});

/** A window's state about methods, on an engine in memory. */
async function openBench() {
  const engine = new FakeEngine();
  const toasts = new Toasts();
  let attach: (() => void) | null = null;
  const connection = new Connection({
    kind: 'served',
    connect: (listener) => (attach = () => listener.onEngine(engine.connect())),
    pathForFile: () => null,
  });
  const project = new Project(connection, toasts);
  const runs = new Runs(connection, project, new Settings(connection, toasts), toasts);
  const samples = new Samples(connection, project, new Selection(), toasts);
  const models = new Models(connection, project, runs, toasts);
  const evaluations = new Evaluations(connection, project, models, runs, toasts);
  const influence = new Influence({ connection, project, runs, samples, evaluations, toasts });
  const attribution = new Attribution(project, runs, toasts);
  const plannedEvaluation = new PlannedEvaluation(runs, toasts);
  connection.connect();
  (attach as (() => void) | null)?.();
  await settle();
  return { engine, runs, models, evaluations, influence, attribution, plannedEvaluation };
}

/** Lets everything that is on its way arrive, also what waits for a moment without changes. */
async function settle(milliseconds = 0): Promise<void> {
  if (milliseconds > 0) await new Promise((resolve) => void setTimeout(resolve, milliseconds));
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => void setTimeout(resolve, 0));
}

describe('PlannedRun', () => {
  it('asks once for the changes of a moment, and answers for the last', async () => {
    const { engine, attribution } = await openBench();
    for (const models of [2, 3, 10]) attribution.plan.change({ models });
    expect(attribution.plan.estimate).toBeNull();
    await settle(300);
    expect(engine.log).toEqual(['runs.estimate attribute']);
    expect(attribution.plan.estimate?.seconds).toBe(10);
  });

  it('says what is wrong, and neither estimates nor forgets it', async () => {
    const { engine, attribution } = await openBench();
    attribution.plan.change({ models: 0 });
    await settle(300);
    expect(attribution.plan.problem).toContain('models');
    expect(engine.log).toEqual([]);
  });
});

describe('Influence', () => {
  it('shows the attribution that has just finished, and another one on demand for every image', async () => {
    const { engine, attribution, influence } = await openBench();
    await influence.show(IMAGE);
    expect(influence.view).toBeNull();
    const first = await attribution.plan.start();
    engine.endRun('finished');
    await settle();
    attribution.plan.change({ method: 'grad-dot' });
    await attribution.plan.start();
    engine.endRun('finished');
    await settle();
    expect(influence.view?.method).toBe('grad-dot');
    expect(influence.view?.attributions).toHaveLength(2);
    await influence.choose(first!);
    expect(influence.view?.method).toBe('trak');
    await influence.show(4 as SampleId);
    expect(influence.view).toMatchObject({ sampleId: 4, method: 'trak' });
    expect(influence.largestScore).toBe(0.7);
  });

  it('shows a new badge once something was measured', async () => {
    const { engine, attribution, influence, plannedEvaluation } = await openBench();
    await influence.show(IMAGE);
    await attribution.plan.start();
    engine.endRun('finished');
    await settle();
    expect(influence.view?.validity.standing).toBe('not-evaluated');
    await plannedEvaluation.start();
    engine.evaluations = [lds];
    engine.endRun('finished');
    await settle();
    expect(engine.log).toContain('runs.start evaluate-lds');
    expect(influence.view?.validity.standing).toBe('measured');
  });
});

describe('PlannedEvaluation', () => {
  it('keeps the way to attribute and the model when the kind changes', async () => {
    const { plannedEvaluation } = await openBench();
    plannedEvaluation.prepare('lds', 5 as ModelId, { method: 'if-cg', iterations: 30 });
    plannedEvaluation.choose('brittleness');
    expect(plannedEvaluation.plan.config).toMatchObject({ modelId: 5, method: 'if-cg', iterations: 30 });
    expect(plannedEvaluation.ownNames).toEqual(['queryCount', 'removals', 'repeats']);
    expect(plannedEvaluation.plan.problem).toBeNull();
  });
});

describe('Evaluations', () => {
  it('shows those of the model and kind that are looked at, and removes one', async () => {
    const { engine, evaluations } = await openBench();
    engine.evaluations = [lds, { ...lds, id: 2 as typeof lds.id, kind: 'selection' }];
    await evaluations.refresh();
    expect(evaluations.modelId).toBe(1);
    expect(evaluations.shown.map(({ id }) => id)).toEqual([1]);
    expect(evaluations.count('selection')).toBe(1);
    await evaluations.remove(lds.id);
    expect(evaluations.shown).toEqual([]);
    evaluations.chooseModel(2 as ModelId);
    expect(evaluations.count('selection')).toBe(0);
  });

  it('offers what can be measured of the chosen model, and begins the form with a classifier', async () => {
    const { engine, models, evaluations } = await openBench();
    engine.generation.models = [makeGenerator(7 as ModelId)];
    await models.refresh();
    expect(evaluations.kinds).toContain('brittleness');
    evaluations.kind = 'brittleness';
    expect(evaluations.formStart).toEqual(['brittleness', evaluations.modelId]);
    evaluations.chooseModel(7 as ModelId);
    expect(evaluations.kinds).toEqual(['lds', 'groups', 'counterfactual']);
    expect(evaluations.kind).toBe('lds');
    expect(evaluations.formStart).toEqual(['lds', null]);
    evaluations.kind = 'counterfactual';
    expect(evaluations.kind).toBe('counterfactual');
  });
});
