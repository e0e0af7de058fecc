/** @file Judging the exhibits of a case one after the other. */
import type { Exhibit, Judgement } from '../../contract/cases-service.ts';
import { judgingOrder } from './blind-order.ts';
import type { Cases } from './cases.svelte.ts';

export class Judging {
  note = $state('');
  readonly #cases: Pick<Cases, 'file' | 'judge'>;
  /** By its number: the order may gain and lose others meanwhile. */
  #chosen = $state<number | null>(null);
  readonly order = $derived.by(() => (this.#cases.file === null ? [] : judgingOrder(this.#cases.file)));

  constructor(cases: Pick<Cases, 'file' | 'judge'>) {
    this.#cases = cases;
  }

  /** The chosen one, else the first that nobody has judged, else the first. */
  get current(): Exhibit | null {
    const chosen = this.order.find(({ number }) => number === this.#chosen);
    return chosen ?? this.order.find(isUnjudged) ?? this.order[0] ?? null;
  }

  /** Place of the current one in the order, from 0. */
  get place(): number {
    return this.current === null ? -1 : this.order.indexOf(this.current);
  }

  get judgedCount(): number {
    return this.order.filter((exhibit) => !isUnjudged(exhibit)).length;
  }

  /** Scores, ranks and names of groups are not shown beside the current one. */
  get isBlind(): boolean {
    return this.#cases.file?.blind === true && this.current !== null && isUnjudged(this.current);
  }

  go(place: number): void {
    const exhibit = this.order[place];
    if (exhibit === undefined) return;
    this.#chosen = exhibit.number;
    this.note = '';
  }

  /** Keeps what the reviewer says, and goes on to the next that is not judged; stays where it was refused. */
  async judge(verdict: Judgement['verdict']): Promise<void> {
    const { current, place } = this;
    if (current === null) return;
    // Found before the answer: the judged one may change its place.
    const next = [...this.order.slice(place + 1), ...this.order.slice(0, place)].find(isUnjudged);
    this.#chosen = current.number;
    if (!(await this.#cases.judge(current.number, { verdict, note: this.note.trim() }))) return;
    this.note = '';
    if (next !== undefined) this.#chosen = next.number;
  }
}

function isUnjudged({ judgements }: Exhibit): boolean {
  return judgements.length === 0;
}
