/** @file Charts of a report: what they show, in numbers. Drawn by `draw-chart.ts`, told in words by their summary and their table. */
import type { Words } from './words.ts';

/** One row of a chart: a score, between which values chance lies, and how uncertain it is. */
export interface ChartRow {
  readonly label: Words;
  /** For the text alternative, which holds no words but the app's. */
  readonly name: string;
  readonly value: number;
  readonly deviation: number | null;
  readonly band: { readonly low: number; readonly median: number; readonly high: number } | null;
  readonly isMarked: boolean;
}

export type Chart =
  | {
      readonly kind: 'scores';
      readonly title: string;
      readonly unit: string;
      readonly rows: readonly ChartRow[];
    }
  /** Parts of a whole that are not made to add up to it: what is left over is a row of its own. */
  | {
      readonly kind: 'shares';
      readonly title: string;
      readonly parts: readonly {
        readonly name: string;
        readonly label: Words;
        readonly share: number;
        readonly isRest: boolean;
      }[];
    };
