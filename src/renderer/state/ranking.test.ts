import { describe, expect, it } from 'vitest';
import { Ranking, type RankingPage } from './ranking.svelte.ts';

interface Entry {
  readonly rank: number;
  readonly state: string;
}

/** What the engine would keep, and a ranking of it. */
function rankingOf(states: readonly string[]) {
  const kept: Entry[] = states.map((state, index) => ({ rank: index + 1, state }));
  const asked: RankingPage[] = [];
  const prepared: number[][] = [];
  const ranking = new Ranking<Entry>({
    lookAhead: 2,
    fetch: (page) => {
      asked.push(page);
      const meant = page.state === 'open' ? kept.filter(({ state }) => state === 'open') : kept;
      return Promise.resolve(meant.slice(page.from, page.from + page.count));
    },
    prepare: (entries) => {
      prepared.push(entries.map(({ rank }) => rank));
      return Promise.resolve();
    },
  });
  return { ranking, kept, asked, prepared };
}

const of = (count: number, state: string): string[] => Array.from({ length: count }, () => state);
const keep = (ranking: Ranking<Entry>, store = () => Promise.resolve(true)): Promise<void> =>
  ranking.decide({ ...ranking.current!, state: 'keep' }, store);

describe('a ranking', () => {
  it('opens at its first undecided one, with what comes next, and fetches no more than that', async () => {
    const { ranking, asked, prepared } = rankingOf([...of(150, 'keep'), ...of(200, 'open')]);
    await ranking.open(350);
    expect(ranking.current).toEqual({ rank: 151, state: 'open' });
    expect(prepared).toEqual([[151, 152, 153]]);
    expect(asked.map(({ from, count }) => [from, count])).toEqual([
      [0, 1],
      [100, 100],
    ]);
  });

  it('goes on at once when one is decided, before that is stored, round the end and through what was not fetched', async () => {
    const { ranking } = rankingOf([...of(120, 'open'), ...of(180, 'keep')]);
    await ranking.open(300);
    await ranking.go(119);
    let finish: (stored: boolean) => void = () => undefined;
    const deciding = keep(ranking, () => new Promise((resolve) => (finish = resolve)));
    await new Promise((resolve) => setTimeout(resolve));
    expect(ranking.current?.rank).toBe(1);
    finish(true);
    await deciding;
    expect(ranking.at(119)?.state).toBe('keep');
  });

  it('comes back to what could not be stored', async () => {
    const { ranking } = rankingOf(['open', 'open']);
    await ranking.open(2);
    await keep(ranking, () => Promise.resolve(false));
    expect(ranking.current).toEqual({ rank: 1, state: 'open' });
  });

  it('is finished when the last one is decided, or was before; an undo shows what it touched', async () => {
    const { ranking } = rankingOf(['keep', 'open']);
    await ranking.open(2);
    await keep(ranking);
    expect(ranking.finished).toBe(true);
    await ranking.show(({ rank }) => rank === 1);
    expect([ranking.finished, ranking.cursor]).toEqual([false, 0]);
    const other = rankingOf(['keep']);
    await other.ranking.open(1);
    expect(other.ranking.finished).toBe(true);
  });

  it('reads again only the pages that show what changed', async () => {
    const { ranking, kept, asked } = rankingOf(of(250, 'open'));
    await ranking.open(250);
    await ranking.go(210);
    kept[215] = { rank: 216, state: 'skip' };
    asked.length = 0;
    await ranking.reread(({ rank }) => rank === 216);
    expect(asked.map(({ from }) => from)).toEqual([200]);
    expect(ranking.at(215)?.state).toBe('skip');
  });

  it('drops answers about the ranking before', async () => {
    const { ranking } = rankingOf(of(10, 'open'));
    const first = ranking.open(10);
    ranking.clear();
    await first;
    expect([ranking.total, ranking.current]).toEqual([0, null]);
  });
});
