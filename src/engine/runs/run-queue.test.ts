import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run, RunPlan, RunProgress } from '../../contract/runs-service.ts';
import { createProjectFolder, openProjectFolder } from '../storage/project-folder.ts';
import { addRunProvenance, insertRun, markRunRunning, readRun, readRunProvenance } from '../storage/runs.ts';
import { RunQueue } from './run-queue.ts';

const workerUrl = new URL('../../../testing/run-worker-for-tests.ts', import.meta.url);
/** The worker for tests does what the source path says. */
const order = (text: string): RunPlan => ({ kind: 'import', config: { sourcePath: text } });

let home: string;
let path: string;
let queue: RunQueue | null = null;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-queue-'));
  path = join(home, 'q.whence');
  createProjectFolder(path).close();
});

afterEach(async () => {
  await queue?.dispose();
  queue = null;
  rmSync(home, { recursive: true, force: true });
});

function openQueue(): RunQueue {
  queue = new RunQueue(path, { workerUrl });
  return queue;
}

function stored(runId: Run['id']): Run {
  const folder = openProjectFolder(path);
  const run = readRun(folder.connection, runId);
  folder.close();
  return run;
}

describe('RunQueue', () => {
  it('answers an id at once, does the runs one after the other and keeps what they answer', async () => {
    const open = openQueue();
    const states: string[] = [];
    open.onChanged((run) => states.push(`${run.id} ${run.status}`));
    const first = open.start(order('count 3'));
    const second = open.start(order('count 2'));
    expect(stored(first).status).toBe('running');
    expect(stored(second).status).toBe('queued');
    await open.idle();
    expect(stored(first).summary).toEqual({ counted: 3 });
    expect(stored(second)).toMatchObject({
      status: 'finished',
      config: { sourcePath: 'count 2' },
      progress: null,
    });
    expect(states).toEqual([
      `${first} queued`,
      `${first} running`,
      `${second} queued`,
      `${first} finished`,
      `${second} running`,
      `${second} finished`,
    ]);
  });

  it('passes on at most ten reports a second, and always the last one', async () => {
    const open = openQueue();
    const reports: RunProgress[] = [];
    open.onProgress((progress) => reports.push(progress));
    const startedMs = performance.now();
    open.start(order('count 400'));
    await open.idle();
    expect(reports.at(-1)).toMatchObject({ stage: 'Step 400 of 400', fraction: 1, figures: { step: 400 } });
    const seconds = (performance.now() - startedMs) / 1000;
    expect(reports.length).toBeGreaterThan(2);
    expect(reports.length).toBeLessThanOrEqual(10 * seconds + 2);
  });

  it('cancels what runs and what waits, and goes on', async () => {
    const open = openQueue();
    const running = open.start(order('wait'));
    const waiting = open.start(order('count 1'));
    const last = open.start(order('count 1'));
    open.cancel(waiting);
    open.cancel(running);
    await open.idle();
    expect([running, waiting, last].map((id) => stored(id).status)).toEqual([
      'cancelled',
      'cancelled',
      'finished',
    ]);
  });

  it('fails the run whose worker crashes, says so, and gives the next run a new worker', async () => {
    const open = openQueue();
    const crashed = open.start(order('crash'));
    const next = open.start(order('count 1'));
    await open.idle();
    expect(stored(crashed)).toMatchObject({ status: 'failed', error: { code: 'run-worker-crashed' } });
    expect(stored(next).status).toBe('finished');
  });

  it('turns an unexpected error of the work into a failed run', async () => {
    const open = openQueue();
    const runId = open.start(order('throw'));
    await open.idle();
    expect(stored(runId)).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    expect(stored(runId).error?.message).toContain('a bug in the work');
  });

  it('interrupts what is unfinished when it is closed, and resumes it under the same id', async () => {
    const open = openQueue();
    const runId = open.start(order('count 100000'));
    await new Promise((settle) => open.onProgress(settle));
    await open.dispose();
    expect(stored(runId).status).toBe('interrupted');
    const again = openQueue();
    expect(again.resume(runId)).toBe(runId);
    again.cancel(runId);
    await again.idle();
    expect(stored(runId).status).toBe('cancelled');
    expect(() => again.resume(again.start(order('count 1')))).toThrow(/only an interrupted/);
  });

  it('finds runs that a dead process left behind, and leaves those of a live one alone', () => {
    const folder = openProjectFolder(path);
    const dead = insertRun(folder.connection, order('count 1'), {
      processId: 2 ** 22 + 1,
      heartbeatMs: Date.now(),
    });
    const live = insertRun(folder.connection, order('count 1'), {
      processId: process.ppid,
      heartbeatMs: Date.now(),
    });
    const silent = insertRun(folder.connection, order('count 1'), {
      processId: process.ppid,
      heartbeatMs: 0,
    });
    markRunRunning(folder.connection, dead);
    openQueue();
    const statuses = [dead, live, silent].map((id) => readRun(folder.connection, id).status);
    folder.close();
    expect(statuses).toEqual(['interrupted', 'queued', 'interrupted']);
  });

  it('keeps the versions a result depends on', () => {
    const folder = openProjectFolder(path);
    const runId = openQueue().start(order('count 1'));
    addRunProvenance(folder.connection, runId, { dataHash: 'abc' });
    const provenance = readRunProvenance(folder.connection, runId);
    folder.close();
    expect(Object.keys(provenance.versions ?? {})).toEqual(['whence', 'node', 'onnxRuntime']);
    expect(provenance).toMatchObject({ dataHash: 'abc', processId: process.pid });
  });
});
