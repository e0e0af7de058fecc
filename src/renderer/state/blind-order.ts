/** @file In which order exhibits are judged. */
import type { CaseFile, Exhibit } from '../../contract/cases-service.ts';
import { Random } from '../../core/base/random.ts';

/**
 * By number; in blind mode drawn from a seed of the case's own, so that the order says nothing of ranks. Each exhibit has its own draw: one that is
 * added or withdrawn moves no other.
 */
export function judgingOrder({
  id,
  blind,
  exhibits,
}: Pick<CaseFile, 'id' | 'blind' | 'exhibits'>): Exhibit[] {
  if (!blind) return exhibits.toSorted((a, b) => a.number - b.number);
  const drawn = exhibits.map((exhibit) => ({
    exhibit,
    draw: new Random(id, `blind exhibit ${exhibit.number}`).uint32(),
  }));
  return drawn.toSorted((a, b) => a.draw - b.draw).map(({ exhibit }) => exhibit);
}

/** The same items in an order drawn from a seed of the case's own. */
export function drawnOrder<T>(caseId: number, items: readonly T[]): T[] {
  return new Random(caseId, 'order of blind candidates').shuffle([...items]);
}
