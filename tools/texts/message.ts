/** @file A text put together from its pieces, with a named hole for each value. */
import { holeName } from './hole-names.ts';
import type { Node } from './syntax.ts';

export interface Hole {
  readonly name: string;
  readonly expression: Node;
}

/** Collects the pieces of one text. White space is as a page shows it where `isMarkup`. */
export class MessageBuilder {
  text = '';
  readonly holes: Hole[] = [];
  readonly #isMarkup: boolean;
  #opened = 0;

  constructor(isMarkup: boolean) {
    this.#isMarkup = isMarkup;
  }

  addText(text: string): void {
    this.text += this.#isMarkup ? text.replace(/[ \t\r\n\f]+/g, ' ') : text;
  }

  /** An element begins; white space at its edges is outside of the sentence. */
  open(tag: number): void {
    this.#opened = this.text.length;
    this.addText(`<${tag}>`);
  }

  close(tag: number): void {
    const start = this.#opened + `<${tag}>`.length;
    this.text = `${this.text.slice(0, start)}${this.text.slice(start).trim()}</${tag}>`;
  }

  addHole(expression: Node): void {
    const wanted = holeName(expression);
    const taken = new Set(this.holes.map((hole) => hole.name));
    let name = wanted;
    for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`;
    this.holes.push({ name, expression });
    this.text += `{${name}}`;
  }
}
