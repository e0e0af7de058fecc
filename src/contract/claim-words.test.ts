import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'svelte/compiler';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../core/base/error-catalogue.ts';
import { findBlockedWord, refuseBlockedWords } from './blocked-words.ts';
import { claimWords, sayFinding, sayLimits, writeFigure } from './claim-words.ts';
import { ClaimStep } from './claims.ts';

describe('words that are never printed', () => {
  it.each([
    ['It was copied from there.', 'copied'],
    ['A COPY of it', 'COPY'],
    ['The model copies it', 'copies'],
    ['cop\u00adied', 'copied'],
    ['ｃｏｐｉｅｄ', 'copied'],
    ['This caused that', 'caused'],
    ['the cause', 'cause'],
    ['a causal claim', 'causal'],
    ['causation', 'causation'],
    ['who is responsible', 'responsible'],
    ['Responsibility lies there', 'Responsibility'],
    ['it infringes', 'infringes'],
    ['an infringement', 'infringement'],
    ['non-infringing', 'infringing'],
  ])('%s: %s', (text, word) => {
    expect(findBlockedWord(text)).toBe(word);
    expect(() => refuseBlockedWords(text)).toThrow(/internal/);
  });

  it.each([
    'a near-copy',
    'two near-copies',
    'whence find-copies',
    'copyright',
    'because',
    'the cosine',
    'scope',
  ])('allows: %s', (text) => expect(refuseBlockedWords(text)).toBe(text));
});

describe('the table of what may be said', () => {
  const figures = fc.dictionary(
    fc.constantFrom('agreement', 'rank', 'commonness', 'pValue', 'share', 'nullPercentile', 'leastOverlap'),
    fc.double(),
  );
  const subject = fc.record({
    step: fc.constantFrom(...ClaimStep.options),
    queryId: fc.integer({ min: 1 }),
    sampleId: fc.option(fc.integer({ min: 1 })),
    groupId: fc.option(fc.integer({ min: 1 })),
    figures,
  });

  it('prints no blocked word, no hole, and no words of another step, whatever is found', () => {
    fc.assert(
      fc.property(subject, (found) => {
        const sentence = sayFinding(found);
        expect(findBlockedWord(sentence)).toBeNull();
        expect(sentence).not.toMatch(/[{}]/);
        for (const step of ClaimStep.options)
          if (step !== found.step) expect(sentence).not.toContain(claimWords[step].heading);
      }),
    );
  });

  it('has a heading of its own for every step, and says at each what it does not say', () => {
    expect(new Set(ClaimStep.options.map((step) => claimWords[step].heading)).size).toBe(5);
    for (const step of ClaimStep.options)
      expect(sayLimits(step)).toMatch(/does not say|says nothing|only known/);
  });

  it('writes figures alike everywhere', () => {
    expect([0, 12, 0.97123, 1234.5, 0.0000123, -0.5, NaN].map(writeFigure)).toEqual([
      '0',
      '12',
      '0.971',
      '1235',
      '1.23e-5',
      '-0.5',
      'not a number',
    ]);
  });
});

/** What a person reads: text and texts of attributes in components, and literals that are more than a token. */
describe('the texts of the window', () => {
  const texts = [...windowTexts()];

  it('hold no blocked word', () => {
    expect(texts.length).toBeGreaterThan(1500);
    const blocked = texts.filter(({ text }) => findBlockedWord(text) !== null);
    expect(blocked).toEqual([]);
  });

  it('nor do the errors that are shown to a person', () => {
    expect(Object.values(errorCatalogue).filter((text) => findBlockedWord(text) !== null)).toEqual([]);
  });
});

interface WindowText {
  readonly file: string;
  readonly text: string;
}

function* windowTexts(): Generator<WindowText> {
  for (const folder of ['renderer', 'contract']) {
    const root = join(import.meta.dirname, '..', folder);
    for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (entry.endsWith('.test.ts')) continue;
      const source = /\.(ts|svelte)$/.test(entry) ? readFileSync(join(root, entry), 'utf8') : '';
      const found = entry.endsWith('.svelte')
        ? markupTexts(source)
        : entry.endsWith('.ts')
          ? literals(source)
          : [];
      for (const text of found) yield { file: `${folder}/${entry}`, text };
    }
  }
}

const SKIPPED = new Set<unknown>(['StyleSheet', 'Comment', 'ImportDeclaration']);

function textOfNode(node: object): unknown {
  const { type, data, value, cooked } = node as Record<string, unknown>;
  if (type === 'Text') return data;
  return type === 'Literal' ? value : cooked;
}

/** Text nodes and literals of a component: everything but its styles, its comments and its code's own words. */
function markupTexts(source: string): string[] {
  const texts: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type } = node as { type?: unknown };
    if (SKIPPED.has(type)) return;
    const text = textOfNode(node);
    if (typeof text === 'string') texts.push(text);
    for (const [key, child] of Object.entries(node)) if (key !== 'leadingComments') walk(child);
  };
  walk(parse(source, { modern: true }));
  return texts.filter(isRead);
}

function literals(source: string): string[] {
  const texts: string[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node)
    )
      texts.push(node.text);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile('texts.ts', source, ts.ScriptTarget.Latest));
  return texts.filter(isRead);
}

/** A word without a space and a capital is a token of the program. */
function isRead(text: string): boolean {
  return /\s/.test(text.trim()) || /^[A-Z]/.test(text.trim());
}
