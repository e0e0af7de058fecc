/**
 * @file The first tour through the sample, in served mode and Chromium, with the sample in its place already: seconds that a person waits for the machine at each
 * step. Two minutes less what is waited are left for reading nine short texts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Whence } from '../e2e/screens/whence.ts';
import { ServedSession } from '../e2e/sessions/served-session.ts';
import type { BenchResult } from './bench.ts';

const LONGEST_MS = 300_000;
/** Nine texts of some thirty words, at five seconds each. */
const READING_SECONDS = 45;

export async function run(): Promise<BenchResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'whence-tour-'));
  const session = new ServedSession(path.join(folder, 'home'));
  const whence = new Whence(session);
  try {
    await whence.start();
    await whence.tour.takeOffer();
    const seconds = await takeTour(whence, folder);
    const waitingSeconds = seconds.reduce((sum, [, waited]) => sum + waited, 0);
    const figures = {
      waitingSeconds: round(waitingSeconds),
      withReadingSeconds: round(waitingSeconds + READING_SECONDS),
    };
    return {
      figures,
      goals: { withReadingSeconds: { atMost: 120 } },
      table: [['until', 'seconds'], ...seconds.map(([title, waited]) => [title, waited.toFixed(1)])],
    };
  } finally {
    await session.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Does what each step asks for; seconds until the next one shows. */
async function takeTour(whence: Whence, folder: string): Promise<[string, number][]> {
  const { browse, home, importing, issues, page, tour } = whence;
  const seconds: [string, number][] = [];
  const until = async (title: string, act: () => Promise<unknown>): Promise<void> => {
    const startedAt = performance.now();
    await act();
    await tour.mark().getByRole('heading', { name: title }).waitFor({ timeout: LONGEST_MS });
    seconds.push([title, (performance.now() - startedAt) / 1000]);
  };
  await until('See what was recognised, then import', () => home.trySample());
  await until('All images, one selection', () => importing.importInto(path.join(folder, 'sample.whence')));
  await until('Find labels that are probably wrong', () => browse.select([0, 3]));
  await until('Decide with one key', () => issues.findProblems());
  await until('Undo never ends', () => page.keyboard.press('k'));
  await until('See why', () => whence.undo());
  await until('Take the result with you', () => page.keyboard.press('ArrowRight'));
  await until('The rest is a key away', () => page.keyboard.press('ArrowRight'));
  return seconds;
}

function round(seconds: number): number {
  return Number(seconds.toFixed(1));
}
