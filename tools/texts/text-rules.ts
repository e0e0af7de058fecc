/**
 * @file What counts as a text. A string is a text by where it stands (markup, the attributes below) or, in code, by how it reads;
 * what reads like a text and is none is listed here.
 */

/** Attributes of elements and of components that people read. */
export const textAttributes: ReadonlySet<string> = new Set([
  'about',
  'action',
  'allText',
  'alt',
  'aria-description',
  'aria-label',
  'aria-valuetext',
  'empty',
  'fewerText',
  'help',
  'hint',
  'label',
  'leftName',
  'message',
  'note',
  'of',
  'placeholder',
  'question',
  'rightName',
  'text',
  'title',
  'verb',
  'xTitle',
  'yTitle',
]);

/** Attributes of components whose plain strings are values of code. */
export const codeAttributes: ReadonlySet<string> = new Set([
  'aria-controls',
  'aria-hidden',
  'aria-labelledby',
  'class',
  'example',
  'id',
  'keys',
  'name',
  'noun',
  'plural',
  'role',
  'side',
  'size',
  'task',
  'tone',
  'type',
  'value',
  'variant',
]);

/** Elements that may stand inside a sentence. All others divide sentences. */
export const inlineElements: ReadonlySet<string> = new Set([
  'a',
  'b',
  'code',
  'em',
  'i',
  'kbd',
  'span',
  'strong',
]);

/** Calls whose plain strings are values of code: of the browser, of strings, and of schemas. */
export const codeCalls: ReadonlySet<string> = new Set([
  'addEventListener',
  'appendChild',
  'createElement',
  'dispatchEvent',
  'endsWith',
  'error',
  'getContext',
  'getElementById',
  'getItem',
  'includes',
  'indexOf',
  'join',
  'matchMedia',
  'querySelector',
  'querySelectorAll',
  'refine',
  'removeEventListener',
  'replace',
  'replaceAll',
  'setItem',
  'split',
  'startsWith',
]);

/** What is made from a string that is a value of code: the name of a seed. */
export const codeConstructors: ReadonlySet<string> = new Set(['Random']);

/** Properties whose strings are values of code. */
export const codeProperties: ReadonlySet<string> = new Set([
  'accelerator',
  'code',
  'font',
  'id',
  'key',
  'keys',
  'kind',
  'style',
  'type',
  'value',
]);

/** Names of keys, which `KeyboardEvent` reports and `Keys.svelte` shows. */
const keyName =
  /^(Arrow\w+|Backspace|Delete|End|Enter|Esc|Escape|Home|Page\w+|Space|Tab|((Ctrl|Alt|Shift|Control)\+)+.*)$/;

/** Of the window, of the contract, and of the desktop shell what people see. */
const textFiles =
  /(^|\/)src\/(renderer|contract)\/.*\.(svelte|ts)$|(^|\/)src\/main\/(dialogs|main|menu)\.ts$/;
/** Of these, files whose strings are addresses, policies and programs for the graphics processor. */
const codeFiles =
  /src\/renderer\/keys\/chord\.ts$|src\/contract\/(client|codec|page-policy|picture-address|server|service|wire)\.ts$|src\/renderer\/(host|texts)\/|-painter\.ts$|\.(test|d)\.ts$/;

/** Whether a file can hold texts of the window, its menus and its native dialogs. */
export function holdsTexts(file: string): boolean {
  return textFiles.test(file) && !codeFiles.test(file);
}

/** Properties that people read, however short: titles, and units of measures. */
export const textProperties: ReadonlySet<string> = new Set(['label', 'text', 'title', 'unit']);

/** What reads like a text and is a condition, a property of style, or a name that is the same everywhere. */
const codeText = /^(prefers-|translate\(|bar accented$|Top-1$|Spearman$)/;

const hasLetter = /\p{L}/u;

/** Whether a string in code reads like a text: it starts with a capital and goes on in small letters, or has words with a space between. */
export function readsLikeText(text: string): boolean {
  if (!hasLetter.test(text) || keyName.test(text) || codeText.test(text)) return false;
  const words = text.replace(/\{\w+\}/g, '');
  if (!/\p{L}{2}/u.test(words)) return false;
  return /^\P{L}*\p{Lu}.*\p{Ll}/su.test(words) || /\p{L}.*\s.*\p{L}|\p{L}\s|\s\p{L}/su.test(words);
}

/** Whether there is anything to translate in what stands where people read it. */
export function hasWords(text: string): boolean {
  return hasLetter.test(text.replace(/\{\w+\}|<\/?\d+\/?>/g, ''));
}
