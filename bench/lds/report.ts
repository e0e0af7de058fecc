/** @file Figures and rows of a study's benches. */
import { mean } from '../../src/core/linalg/ranks.ts';
import type { Matrix } from '../../src/core/linalg/matrix.ts';
import type { BenchResult } from '../bench.ts';
import type { Judge, Judgement } from './study.ts';

export interface Line {
  readonly name: string;
  readonly members: number;
  /** Features per image. */
  readonly size?: number;
  /** λ relative to the mean eigenvalue. */
  readonly relative?: number;
  readonly seconds?: number;
}

export class Report {
  readonly #figures: Record<string, number> = {};
  readonly #rows: string[][] = [
    ['images', 'method', 'members', 'k', 'λ relative', 'LDS', '±', 'constant queries', 'seconds'],
  ];

  figure(name: string, value: number): void {
    this.#figures[name] = value;
  }

  /** One prediction, judged; its score is also a figure under its name. */
  add(set: string, line: Line, judge: Judge, predicted: Matrix): Judgement {
    const judgement = judge.judge(predicted);
    this.#put(set, line, judgement);
    return judgement;
  }

  /** Predictions of several members, each by itself: the mean of their scores. */
  addMean(set: string, line: Line, judge: Judge, predicted: readonly Matrix[]): Judgement {
    const each = predicted.map((one) => judge.judge(one));
    const of = (figure: keyof Judgement): number => mean(each.map((judgement) => judgement[figure]));
    const judgement = { score: of('score'), deviation: of('deviation'), dropped: Math.round(of('dropped')) };
    this.#put(set, line, judgement);
    return judgement;
  }

  /** A line that is not judged. */
  note(set: string, name: string, score: number, deviation?: number): void {
    this.figure(`${set} ${name}`, score);
    this.#rows.push([set, name, '', '', '', score.toFixed(3), deviation?.toFixed(3) ?? '', '', '']);
  }

  result(goals: BenchResult['goals']): BenchResult {
    return { figures: this.#figures, goals, table: this.#rows };
  }

  #put(set: string, line: Line, { score, deviation, dropped }: Judgement): void {
    const { name, members, size, relative, seconds } = line;
    this.figure(`${set} ${name}`, score);
    this.figure(`${set} ${name} deviation`, deviation);
    this.#rows.push([
      set,
      name,
      String(members),
      size === undefined ? '' : String(size),
      relative === undefined ? '' : relative.toPrecision(2),
      score.toFixed(3),
      deviation.toFixed(3),
      String(dropped),
      seconds?.toFixed(1) ?? '',
    ]);
  }
}
