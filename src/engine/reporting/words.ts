/** @file Texts of a report, in which the app's words and the words of others are told apart by their types. */

/** Words of a person, a file or a log within a sentence of the app. */
export interface Given {
  readonly given: string;
  /** code: a hash, a path, a value; name: as people call it, in quotation marks. */
  readonly kind: 'code' | 'name';
}

/** A text; a bare string is the app's own. */
export type Words = string | readonly (string | Given)[];

export function code(text: string): Given {
  return { given: text, kind: 'code' };
}

export function named(text: string): Given {
  return { given: text, kind: 'name' };
}
