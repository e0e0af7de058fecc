import { describe, expect, it, vi } from 'vitest';
import { FakeEngine } from '../../../testing/fake-engine.ts';
import type { Transport } from '../../contract/wire.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { Host, HostListener } from '../host/host.ts';
import { Analysis } from './analysis.svelte.ts';
import { Connection } from './connection.svelte.ts';
import { IssueQueue } from './issue-queue.svelte.ts';
import { Labels } from './labels.svelte.ts';
import { Project } from './project.svelte.ts';
import { Runs } from './runs.svelte.ts';
import { Settings } from './settings.svelte.ts';
import { Samples } from './samples.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

const stored = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
  removeItem: (key: string) => void stored.delete(key),
});

/** A window's state without a window, on an engine in memory that can be cut off. */
class Bench {
  readonly engine = new FakeEngine();
  readonly preloaded: string[] = [];
  readonly connection: Connection;
  readonly toasts = new Toasts();
  readonly runs: Runs;
  readonly labels: Labels;
  readonly issues: IssueQueue;
  readonly analysis: Analysis;
  #listener: HostListener | null = null;
  #transport: Transport | null = null;

  constructor() {
    const host: Host = {
      kind: 'served',
      connect: (listener) => {
        this.#listener = listener;
      },
      pathForFile: () => null,
    };
    this.connection = new Connection(host);
    const { connection, toasts } = this;
    const project = new Project(connection, toasts);
    this.runs = new Runs(connection, project, new Settings(connection, toasts), toasts);
    const samples = new Samples(connection, project, new Selection(), toasts);
    this.labels = new Labels(connection, project, toasts);
    const images = {
      full: (id: number) => `/image/${id}`,
      preload: (addresses: readonly string[]) => void this.preloaded.push(...addresses),
    };
    this.issues = new IssueQueue({ connection, project, labels: this.labels, samples, images, toasts });
    this.analysis = new Analysis(project, this.runs, toasts);
    connection.connect();
  }

  async reachEngine(): Promise<void> {
    this.#transport = this.engine.connect();
    this.#listener?.onEngine(this.#transport);
    await this.settle();
  }

  async loseEngine(): Promise<void> {
    this.#transport?.close();
    await this.settle();
  }

  /** Lets everything that is on its way arrive. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => void setTimeout(resolve, 0));
  }
}

async function openBench(): Promise<Bench> {
  stored.clear();
  const bench = new Bench();
  await bench.reachEngine();
  return bench;
}

describe('IssueQueue', () => {
  it('starts at the first undecided image, with its evidence there and the next images loaded', async () => {
    const { issues, preloaded } = await openBench();
    expect(issues.current?.sampleId).toBe(1);
    expect(issues.evidence?.towardsGiven.entries).toHaveLength(1);
    expect(preloaded).toEqual(['/image/1', '/image/2', '/image/3', '/image/4', '/image/5']);
  });

  it('goes on at once when a decision is made, and records every one of a fast series', async () => {
    const bench = await openBench();
    void bench.issues.decide('keep');
    void bench.issues.decide('accept');
    void bench.issues.decide('skip');
    await bench.settle();
    expect(bench.engine.log).toEqual([
      'labels.decide keep 1',
      'labels.decide accept 2',
      'labels.decide skip 3',
    ]);
    expect(bench.issues.current?.sampleId).toBe(4);
    expect(bench.issues.summary?.decided).toBe(3);
  });

  it('returns to the image that an undo touched, which is undecided again', async () => {
    const bench = await openBench();
    await bench.issues.decide('keep');
    await bench.issues.decide('accept');
    await bench.labels.undo();
    await bench.settle();
    expect(bench.issues.current).toMatchObject({ sampleId: 2, state: 'open' });
    expect(bench.labels.redoText).toBe('accept');
  });

  it('comes back to an image whose decision was refused, and says why', async () => {
    const bench = await openBench();
    bench.engine.refusal = new AppError('project-busy', { path: '/projects/coats.whence' });
    await bench.issues.decide('keep');
    await bench.settle();
    expect(bench.issues.current).toMatchObject({ sampleId: 1, state: 'open' });
    expect(bench.toasts.shown.map(({ text }) => text).join(' ')).toContain('another Whence process');
  });

  it('is finished when everything is decided, also what was gone past', async () => {
    const bench = await openBench();
    await bench.issues.go(3);
    for (let step = 0; step < 6; step++) await bench.issues.decide('keep');
    await bench.settle();
    expect(bench.engine.log).toHaveLength(6);
    expect(bench.issues.finished).toBe(true);
  });
});

describe('Analysis', () => {
  it('starts the three steps one after the other, each when the one before has finished', async () => {
    const bench = await openBench();
    await bench.analysis.start();
    expect(bench.engine.log).toEqual(['runs.start train']);
    bench.engine.endRun('finished');
    await bench.settle();
    bench.engine.endRun('finished');
    await bench.settle();
    expect(bench.engine.log).toEqual(['runs.start train', 'runs.start attribute', 'runs.start issues']);
    bench.engine.endRun('finished');
    await bench.settle();
    expect(bench.analysis.step).toBeNull();
  });

  it('stops at a step that failed, and a second start while working starts nothing', async () => {
    const bench = await openBench();
    await bench.analysis.start();
    await bench.analysis.start();
    bench.engine.endRun('failed');
    await bench.settle();
    expect(bench.engine.log).toEqual(['runs.start train']);
    expect(bench.analysis.hasStopped).toBe(true);
  });

  it('goes on with the plan after the engine was lost and the interrupted run resumed', async () => {
    const bench = await openBench();
    await bench.analysis.start();
    bench.engine.endRun('interrupted');
    await bench.loseEngine();
    expect(bench.connection.status).toBe('lost');
    await bench.reachEngine();
    expect(bench.connection.restartCount).toBe(1);
    expect(bench.analysis.hasStopped).toBe(true);
    await bench.runs.resume(bench.runs.list[0]!.id);
    bench.engine.endRun('finished');
    await bench.settle();
    expect(bench.engine.log).toEqual(['runs.start train', 'runs.resume 1', 'runs.start attribute']);
  });
});
