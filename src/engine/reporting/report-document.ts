/** @file What a report says, before it looks like anything: sections of blocks, in which the app's words and the words of others are told apart by their types. */
import type { ClaimStep } from '../../contract/claims.ts';
import type { Chart } from './chart.ts';
import type { ReportPicture } from './report-materials.ts';
import type { Words } from './words.ts';

export interface ShownPicture {
  readonly picture: ReportPicture;
  /** What is seen, for those who do not see it. */
  readonly alt: string;
  readonly caption: Words;
}

export type Block =
  | { readonly kind: 'text'; readonly words: Words }
  /** Small, beside what it limits. */
  | { readonly kind: 'note'; readonly words: Words }
  /** The one sentence that may be said of a finding; it stands in a section of its own step. */
  | { readonly kind: 'finding'; readonly step: ClaimStep; readonly words: Words }
  /** In a person's words, marked as theirs. */
  | {
      readonly kind: 'quote';
      readonly text: string;
      readonly about: string;
      readonly by: string;
      readonly at: string | null;
    }
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [string, Words])[] }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly head: readonly string[];
      /** Columns of figures, from 0. */
      readonly figures?: readonly number[];
      readonly rows: readonly (readonly Words[])[];
    }
  | { readonly kind: 'list'; readonly ordered?: boolean; readonly items: readonly Words[] }
  | { readonly kind: 'pictures'; readonly pictures: readonly ShownPicture[] }
  | { readonly kind: 'chart'; readonly chart: Chart }
  | { readonly kind: 'commands'; readonly lines: readonly string[] }
  /** Lines to be filled in by hand. */
  | { readonly kind: 'form'; readonly fields: readonly string[] }
  | Section;

export interface Section {
  readonly kind: 'section';
  readonly id: string;
  readonly title: string;
  /** Of a section that is about one step of the ladder: nothing of another step stands in it. */
  readonly step?: ClaimStep | 'not-relied-on';
  readonly startsPage?: boolean;
  readonly blocks: readonly Block[];
}

export interface ReportDocument {
  /** The case, in a person's words. */
  readonly caseName: string;
  /** Why it is a draft; null: it is none. */
  readonly draft: string | null;
  /** All that differs between two reports of the same. */
  readonly writtenAt: string;
  readonly writtenBy: string;
  readonly cover: readonly Block[];
  readonly sections: readonly Section[];
}
