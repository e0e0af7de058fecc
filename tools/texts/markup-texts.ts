/** @file Texts in markup: sentences between tags, and attributes that people read. */
import { findRuns, isPlain } from './markup-runs.ts';
import { MessageBuilder } from './message.ts';
import type { Rewriting } from './rewriting.ts';
import type { Place, ScriptTexts } from './script-texts.ts';
import { child, childrenOf, list, nameOf, type Node } from './syntax.ts';
import { codeAttributes, hasWords, readsLikeText, textAttributes } from './text-rules.ts';

const readByPeople: Place = { isLazy: true, readBy: 'people' };
const readByCode: Place = { isLazy: true, readBy: 'code' };
const readByNobody: Place = { isLazy: true, readBy: 'nobody' };
const markup = /(Tag|Block|Directive|Element|Component|Attribute|Fragment|Text|Comment)$|^Svelte/;
const skipped = new Set(['Text', 'Comment', 'StyleDirective', 'ClassDirective']);
/** What of a block holds texts; the rest are names that it binds. */
const blockKeys: Readonly<Record<string, readonly string[]>> = {
  EachBlock: ['expression', 'body', 'fallback'],
  SnippetBlock: ['body'],
  AwaitBlock: ['expression', 'pending', 'then', 'catch'],
};

export class MarkupTexts {
  readonly #file: Rewriting;
  readonly #script: ScriptTexts;

  constructor(file: Rewriting, script: ScriptTexts) {
    this.#file = file;
    this.#script = script;
  }

  visit(node: Node): void {
    if (!markup.test(node.type)) this.#script.visit(node, readByCode);
    else if (node.type === 'Fragment') this.#visitFragment(node);
    else if (node.type === 'Attribute') this.#visitAttribute(node, false);
    else if (node.type === 'RegularElement') this.#visitElement(node);
    else if (node.type === 'ExpressionTag') this.#script.visitAll(childrenOf(node), readByPeople);
    else if (!skipped.has(node.type)) this.#visitParts(node);
  }

  #visitParts(node: Node): void {
    const keys = blockKeys[node.type];
    const parts = keys === undefined ? childrenOf(node) : keys.map((key) => child(node, key));
    for (const part of parts) if (part !== null) this.visit(part);
  }

  #visitElement(element: Node): void {
    for (const attribute of list(element, 'attributes')) this.#visitAttributeOf(attribute);
    const fragment = child(element, 'fragment');
    if (fragment !== null) this.#visitFragment(fragment);
  }

  #visitAttributeOf(attribute: Node): void {
    if (attribute.type === 'Attribute') this.#visitAttribute(attribute, true);
    else this.visit(attribute);
  }

  #visitAttribute(node: Node, isOfElement: boolean): void {
    const name = nameOf(node);
    const pieces = [...list(node, 'value'), ...[child(node, 'value')].filter((value) => value !== null)];
    const message = this.#messageOf(pieces);
    const hasText = message.holes.length < pieces.length;
    if (name === 'noun' && hasText) this.#file.recordQuantity(message.text, null);
    if (textAttributes.has(name)) this.#visitTextAttribute(node, message, hasText);
    else this.#visitOtherAttribute(node, message, hasText, isOfElement);
  }

  #visitTextAttribute(node: Node, { text, holes }: MessageBuilder, hasText: boolean): void {
    this.#visitValues(
      node,
      holes.map((hole) => hole.expression),
      readByPeople,
    );
    if (!hasText || !hasWords(text)) return;
    this.#file.record(text);
    this.#file.write(node, `${nameOf(node)}={${this.#file.lookUp(text, holes)}}`);
  }

  #visitOtherAttribute(
    node: Node,
    { text, holes }: MessageBuilder,
    hasText: boolean,
    isOfElement: boolean,
  ): void {
    const name = nameOf(node);
    // Of elements, only what is done on an event can hold texts; components get objects that do.
    const isCode = codeAttributes.has(name) || (isOfElement && !name.startsWith('on'));
    if (!isCode && hasText && readsLikeText(text))
      this.#file.report(node, `say in tools/texts/text-rules.ts whether people read the attribute ${name}`);
    this.#visitValues(
      node,
      holes.map((hole) => hole.expression),
      isCode ? readByNobody : readByCode,
    );
  }

  /** The values in an attribute; `{name}` alone has to say its name once its value is another. */
  #visitValues(node: Node, expressions: readonly Node[], place: Place): void {
    const isShort = this.#file.original(node).startsWith('{');
    for (const expression of expressions)
      if (this.#script.visit(expression, place) && isShort)
        this.#file.write(node, `${nameOf(node)}={${this.#file.written(expression)}}`);
  }

  #messageOf(pieces: readonly Node[]): MessageBuilder {
    const message = new MessageBuilder(false);
    for (const piece of pieces) {
      const expression = child(piece, 'expression');
      if (piece.type === 'Text') message.addText(String(piece['data']));
      else if (expression !== null) message.addHole(expression);
    }
    return message;
  }

  #visitFragment(fragment: Node): void {
    const nodes = list(fragment, 'nodes');
    const runs = findRuns(nodes);
    const inRuns = new Set(runs.flat());
    for (const node of nodes) if (!inRuns.has(node)) this.visit(node);
    for (const run of runs) this.#visitRun(run);
  }

  /** A sentence: text, values, and the elements that stand in it. */
  #visitRun(run: readonly Node[]): void {
    const message = new MessageBuilder(true);
    const elements: Node[] = [];
    for (const node of run) {
      if (node.type === 'RegularElement') {
        this.#addElement(message, node, elements.length);
        elements.push(node);
      } else this.#addPiece(message, node);
    }
    const text = message.text.trim();
    this.#file.record(text);
    const written =
      elements.length === 0
        ? `{${this.#file.lookUp(text, message.holes)}}`
        : this.#writeParts(text, message, elements);
    this.#file.write(this.#file.trimmed(run), written);
  }

  #addPiece(message: MessageBuilder, node: Node): void {
    const expression = child(node, 'expression');
    if (node.type === 'Text') message.addText(String(node['data']));
    else if (expression !== null) {
      this.#script.visit(expression, readByPeople);
      message.addHole(expression);
    }
  }

  /** An element that holds but text and values is part of the sentence; any other stands in it as a whole. */
  #addElement(message: MessageBuilder, element: Node, index: number): void {
    if (!isPlain(element)) {
      this.#visitElement(element);
      message.addText(`<${index}/>`);
      return;
    }
    for (const attribute of list(element, 'attributes')) this.#visitAttributeOf(attribute);
    message.open(index);
    for (const node of list(child(element, 'fragment') ?? element, 'nodes')) this.#addPiece(message, node);
    message.close(index);
  }

  /** The elements of a sentence in the order of the language, each with its attributes. */
  #writeParts(text: string, { holes }: MessageBuilder, elements: readonly Node[]): string {
    const branches = elements.map((element, index) => {
      const condition = `${index === 0 ? '{#if' : '{:else if'} part_.tag === ${index}}`;
      return condition + this.#writeElement(element);
    });
    const call = this.#file.lookUp(text, holes, 'translateParts');
    return `{#each ${call} as part_}${branches.join('')}{:else}{part_.text}{/if}{/each}`;
  }

  #writeElement(element: Node): string {
    const nodes = list(child(element, 'fragment') ?? element, 'nodes');
    const [first, last] = [nodes[0], nodes.at(-1)];
    if (first === undefined || last === undefined || !isPlain(element)) return this.#file.written(element);
    return `${this.#file.between(element.start, first.start)}{part_.text}</${nameOf(element)}>`;
  }
}
