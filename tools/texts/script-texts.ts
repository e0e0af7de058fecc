/**
 * @file Texts in code. A text has to be read at every use, so that it changes with the language: what an object holds that is made once becomes a
 * getter, a constant becomes a function, and what cannot is reported.
 */
import { MessageBuilder } from './message.ts';
import type { Rewriting } from './rewriting.ts';
import { calleeName, child, childrenOf, list, nameOf, type Node } from './syntax.ts';
import { codeCalls, codeProperties, hasWords, readsLikeText, textProperties } from './text-rules.ts';

/** How strings are to be taken at a place. */
export interface Place {
  /** Evaluated anew at every use: in a function, in markup. */
  readonly isLazy: boolean;
  /** 'people': what has words is a text; 'code': what reads like one; 'nobody': nothing is. */
  readonly readBy: 'people' | 'code' | 'nobody';
}

type Visitor = (node: Node, place: Place) => boolean;

const skipped = new Set(['ImportDeclaration', 'ExportAllDeclaration', 'TemplateElement', 'ThrowStatement']);
const typeWrappers = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression']);
const comparisons = new Set(['===', '!==', 'in', 'instanceof', '<', '>']);
const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const inFunction: Place = { isLazy: true, readBy: 'code' };

export class ScriptTexts {
  /** Constants that hold texts: they become functions, and what reads them calls them. */
  readonly constants: Set<string>;
  readonly #known: ReadonlySet<string>;
  readonly #file: Rewriting;
  #isExported = false;

  /** @param known The constants that hold texts, as far as they are known. */
  constructor(file: Rewriting, known: ReadonlySet<string>) {
    this.#file = file;
    this.#known = known;
    this.constants = new Set(known);
  }

  /** Answers whether there is a text below that is read only once: the caller has to make it read at every use. */
  visit(node: Node, place: Place): boolean {
    if (skipped.has(node.type)) return false;
    if (typeWrappers.has(node.type)) return this.#visitKey(node, 'expression', place);
    if (node.type.startsWith('TS')) return false;
    if (functions.has(node.type)) return this.#visitFunction(node);
    const visitor = this.#visitors[node.type];
    if (visitor !== undefined) return visitor(node, place);
    return this.visitAll(childrenOf(node), inCode(place));
  }

  visitAll(nodes: readonly Node[], place: Place): boolean {
    return nodes.map((node) => this.visit(node, place)).includes(true);
  }

  #visitKey(node: Node, key: string, place: Place): boolean {
    const below = child(node, key);
    return below !== null && this.visit(below, place);
  }

  readonly #visitors: Readonly<Record<string, Visitor>> = {
    Literal: (node, place) => this.#visitLiteral(node, place),
    TemplateLiteral: (node, place) => this.#visitTemplate(node, place),
    TaggedTemplateExpression: (node, place) =>
      this.visitAll(list(child(node, 'quasi') ?? node, 'expressions'), place),
    Identifier: (node) => this.#visitReference(node),
    ConditionalExpression: (node, place) => this.#visitConditional(node, place),
    LogicalExpression: (node, place) => this.visitAll(childrenOf(node), place),
    BinaryExpression: (node, place) => {
      const isComparison = comparisons.has(String(node['operator']));
      return this.visitAll(childrenOf(node), isComparison ? silent(place) : place);
    },
    SwitchCase: (node, place) => this.visitAll(list(node, 'consequent'), place),
    MemberExpression: (node, place) => this.#visitMember(node, place),
    CallExpression: (node, place) => this.#visitCall(node, place),
    NewExpression: (node, place) => {
      const isError = calleeName(node).endsWith('Error');
      return this.visitAll(list(node, 'arguments'), isError ? silent(place) : inCode(place));
    },
    ObjectExpression: (node, place) => this.#visitObject(node, place),
    VariableDeclarator: (node, place) => this.#visitDeclarator(node, place),
    PropertyDefinition: (node, place) => this.#visitField(node, place),
    MethodDefinition: (node, place) => this.#visitKey(node, 'value', place),
    ExportNamedDeclaration: (node, place) => this.#visitExport(node, place),
    LabeledStatement: (node, place) => this.#visitKey(node, 'body', place),
    BreakStatement: () => false,
    ContinueStatement: () => false,
  };

  #visitLiteral(node: Node, { readBy }: Place): boolean {
    const text = node['value'];
    if (typeof text !== 'string' || !isText(text, readBy)) return false;
    this.#file.record(text);
    this.#file.write(node, this.#file.lookUp(text, []));
    return true;
  }

  #visitTemplate(node: Node, place: Place): boolean {
    const message = new MessageBuilder(false);
    const expressions = list(node, 'expressions');
    list(node, 'quasis').forEach((quasi, index) => {
      message.addText((quasi['value'] as { cooked: string }).cooked);
      const expression = expressions[index];
      if (expression !== undefined) message.addHole(expression);
    });
    const isTranslated = isText(message.text, place.readBy);
    const below = this.visitAll(expressions, isTranslated ? { ...place, readBy: 'people' } : place);
    if (!isTranslated) return below;
    this.#file.record(message.text);
    this.#file.write(node, this.#file.lookUp(message.text, message.holes));
    return true;
  }

  /** A constant that holds a text is called where it is read. */
  #visitReference(node: Node): boolean {
    if (!this.#known.has(nameOf(node))) return false;
    this.#file.write(node, `${nameOf(node)}()`);
    return true;
  }

  #visitConditional(node: Node, place: Place): boolean {
    const inTest = this.#visitKey(node, 'test', silent(place));
    const consequent = this.#visitKey(node, 'consequent', place);
    return this.#visitKey(node, 'alternate', place) || consequent || inTest;
  }

  #visitMember(node: Node, place: Place): boolean {
    const found = this.#visitKey(node, 'object', place);
    return (node['computed'] === true && this.#visitKey(node, 'property', silent(place))) || found;
  }

  #visitCall(node: Node, place: Place): boolean {
    const name = calleeName(node);
    const parameters = list(node, 'arguments');
    if (name === 'translate') return this.#visitExplicit(parameters, place);
    if (name === 'formatQuantity') return this.#visitQuantity(parameters, place);
    const isReadAnew = this.#isRune(node) && !this.#file.original(node).startsWith('$state');
    const callee = child(node, 'callee');
    const calledUpon = callee !== null && this.visit(callee, inCode(place));
    if (name === 'describe') return this.#recordDescription(parameters) || calledUpon;
    const inside = codeCalls.has(name) ? silent(place) : inCode(place);
    const below = this.visitAll(parameters, { ...inside, isLazy: place.isLazy || isReadAnew });
    return (below && !isReadAnew) || calledUpon;
  }

  /** `translate('…')` in the source: a text that does not read like one, or one that is only known at run time. */
  #visitExplicit([text, ...values]: readonly Node[], place: Place): boolean {
    if (text?.type === 'Literal') this.#file.record(nameOf(text));
    else if (text !== undefined) this.visit(text, silent(place));
    this.visitAll(values, place);
    return true;
  }

  #visitQuantity([count, one, many]: readonly Node[], place: Place): boolean {
    if (one?.type === 'Literal')
      this.#file.recordQuantity(nameOf(one), many === undefined ? null : nameOf(many));
    return count !== undefined && this.visit(count, inCode(place));
  }

  /** Of a schema's field: read by the window, which translates it there. */
  #recordDescription([text]: readonly Node[]): boolean {
    if (text?.type === 'Literal') this.#file.record(nameOf(text));
    return false;
  }

  #visitFunction(node: Node): boolean {
    for (const parameter of list(node, 'params')) this.#visitPattern(parameter, inFunction);
    this.#visitKey(node, 'body', inFunction);
    return false;
  }

  /** Names that are bound, with what they are by default; answers whether a text is among that. */
  #visitPattern(pattern: Node, place: Place): boolean {
    if (pattern.type === 'Identifier' && place.isLazy && this.#known.has(nameOf(pattern)))
      this.#file.report(
        pattern,
        `${nameOf(pattern)} is also the name of a constant that holds a text: rename it`,
      );
    if (pattern.type === 'AssignmentPattern') {
      const found = this.#visitKey(pattern, 'right', place);
      return this.#visitBound(pattern, 'left', place) || found;
    }
    if (pattern.type === 'Property') return this.#visitBound(pattern, 'value', place);
    const parts = [...list(pattern, 'properties'), ...list(pattern, 'elements')];
    return parts.map((part) => this.#visitPattern(part, place)).includes(true);
  }

  #visitBound(pattern: Node, key: string, place: Place): boolean {
    const below = child(pattern, key);
    return below !== null && this.#visitPattern(below, place);
  }

  /** `{ one, many }`: the two forms of a noun. */
  #visitObject(node: Node, place: Place): boolean {
    const properties = list(node, 'properties');
    const [one, many] = ['one', 'many'].map((name) =>
      properties.find((property) => nameOf(child(property, 'key')) === name),
    );
    if (one === undefined || many === undefined || properties.length !== 2)
      return properties.map((property) => this.#visitProperty(property, place)).includes(true);
    this.#file.recordQuantity(nameOf(child(one, 'value')), nameOf(child(many, 'value')));
    return false;
  }

  /** A property that holds a text becomes a getter where its object is made once. */
  #visitProperty(node: Node, place: Place): boolean {
    const key = child(node, 'key');
    const value = child(node, 'value');
    if (node.type !== 'Property' || key === null || value === null)
      return this.visitAll(childrenOf(node), place);
    const isComputed = node['computed'] === true;
    if (isComputed) this.visit(key, silent(place));
    if (!this.visit(value, placeOfValue(nameOf(key), value, place))) return false;
    const name = isComputed ? `[${this.#file.written(key)}]` : this.#file.original(key);
    const written = this.#file.written(value);
    if (!place.isLazy) this.#file.write(node, `get ${name}() { return (${written}); }`);
    else if (node['shorthand'] === true) this.#file.write(node, `${name}: ${written}`);
    return place.isLazy;
  }

  /** A constant of a module or component that holds a text becomes a function. */
  #visitDeclarator(node: Node, place: Place): boolean {
    const id = child(node, 'id');
    const init = child(node, 'init');
    const inPattern = id !== null && this.#visitPattern(id, place);
    const inValue = init !== null && this.visit(init, place);
    if (place.isLazy || init === null || (!inPattern && !inValue)) return false;
    if (id?.type !== 'Identifier' || this.#isExported || this.#isRune(init)) {
      this.#file.report(
        node,
        'a text that is read once would not change with the language: put it in an object or a function',
      );
      return false;
    }
    this.constants.add(nameOf(id));
    this.#file.write(init, `() => (${this.#file.written(init)})`);
    return false;
  }

  #visitField(node: Node, place: Place): boolean {
    if (this.#visitKey(node, 'value', place))
      this.#file.report(
        node,
        'a text in a field is read once, and would not change with the language: make it a getter',
      );
    return false;
  }

  #visitExport(node: Node, place: Place): boolean {
    this.#isExported = true;
    this.#visitKey(node, 'declaration', place);
    this.#isExported = false;
    return false;
  }

  #isRune(node: Node): boolean {
    return this.#file.original(node).startsWith('$');
  }
}

function isText(text: string, readBy: Place['readBy']): boolean {
  if (readBy === 'nobody') return false;
  return readBy === 'people' ? hasWords(text) : readsLikeText(text);
}

/** Further in, only what reads like a text is one. */
function inCode(place: Place): Place {
  return place.readBy === 'people' ? { ...place, readBy: 'code' } : place;
}

function silent(place: Place): Place {
  return { ...place, readBy: 'nobody' };
}

function placeOfValue(name: string, value: Node, place: Place): Place {
  const isPlain = value.type !== 'ArrayExpression' && value.type !== 'ObjectExpression';
  if (isPlain && codeProperties.has(name)) return silent(place);
  if (place.readBy === 'nobody') return place;
  return { ...place, readBy: textProperties.has(name) ? 'people' : 'code' };
}
