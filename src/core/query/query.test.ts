import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyExpression } from '../../../testing/any-expression.ts';
import { AppError } from '../base/app-error.ts';
import { parseQuery, wantedAfter } from './parse-query.ts';
import { printQuery } from './print-query.ts';

/** Places and the way to the number do not belong to what a query says. */
function withoutPlaces(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

function errorOf(query: string): string {
  try {
    parseQuery(query);
  } catch (error) {
    if (error instanceof AppError) return error.message.replace(/ docs\/.*$/, '');
    throw error;
  }
  return 'understood';
}

describe('parseQuery', () => {
  it('reads back what printQuery writes', () => {
    fc.assert(
      fc.property(
        anyExpression({ columns: ['artist', 'shot date', 'label', 'and', 'a`b\\'] }),
        (expression) => {
          expect(withoutPlaces(parseQuery(printQuery(expression)))).toEqual(withoutPlaces(expression));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never fails in another way than with a place within the text', () => {
    const pieces = [
      'label',
      '=',
      '!',
      '"',
      '`',
      '(',
      ')',
      ',',
      'in',
      'not',
      'and',
      '.8',
      'x',
      ' ',
      '<=',
      'is',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces)), (parts) => {
        const query = parts.join(' ');
        try {
          parseQuery(query);
        } catch (error) {
          const { code, details } = error as AppError;
          expect(code).toBe('query-invalid');
          expect(details['at']).toBeGreaterThanOrEqual(0);
          expect(details['at']).toBeLessThanOrEqual(query.length);
        }
      }),
    );
  });

  it('lets and bind closer than or, and not closest', () => {
    expect(printQuery(parseQuery('not a and b or c'))).toBe('not "a" and "b" or "c"');
    expect(printQuery(parseQuery('not (a and (b or c))'))).toBe('not ("a" and ("b" or "c"))');
  });

  it('reads the forms that the manual shows', () => {
    const written = {
      'label = "coat" and label_score > .8 and not tagged(checked)':
        'label = "coat" and label_score > .8 and not tagged("checked")',
      'night shirt': '"night" and "shirt"',
      'bytes > 2MB': 'bytes > 2MB',
      'Label NOT IN (coat, 3)': 'not label in ("coat", 3)',
      'predicted(3) = shirt': 'predicted(3) = "shirt"',
      '`shot date` is not empty': 'not `shot date` is empty',
      'width between 10 and 20': 'width between 10 and 20',
      "path contains 'it\\'s'": 'path contains "it\'s"',
      '  ': '',
    };
    for (const [query, printed] of Object.entries(written))
      expect(printQuery(parseQuery(query))).toBe(printed);
  });

  it('says what was expected, what stands there, and where', () => {
    const head = 'The query cannot be understood at character';
    const errors = {
      'label_score >': `${head} 14: expected a value, as in label_score > 0.8, after >, found the end.`,
      'label = "coat': `${head} 9: the text that begins here has no closing quote.`,
      'label = coat night': `${head} 14: expected “and” or “or” after coat, found “night”.`,
      'width = wide': `${head} 9: expected a number for width, found “wide”; e.g. width >= 512.`,
      'label < coat': `${head} 1: label has no order, so it takes = or !=, not <.`,
      'split = training': `${head} 9: expected train, val, test for split, found “training”.`,
      label: `${head} 6: expected a condition such as label = "coat" after label, found the end.`,
      '(a or b': `${head} 8: expected an operator, “and”, “or” or “)” after b, found the end.`,
    };
    for (const [query, error] of Object.entries(errors)) expect(errorOf(query)).toBe(error);
    expect(errorOf('('.repeat(900))).toContain('within each other');
  });
});

describe('wantedAfter', () => {
  const kinds = (query: string): string[] =>
    wantedAfter(query).map((wanted) => (wanted.kind === 'word' ? wanted.text : wanted.kind));

  it('tells what may stand next', () => {
    expect(kinds('')).toEqual(['term']);
    expect(kinds('width')).toContain('operator');
    expect(kinds('width >')).toEqual(['value']);
    expect(kinds('width > 3')).toEqual(['and', 'or']);
    expect(kinds('width > 3 and (')).toEqual(['term']);
    expect(kinds('tagged(')).toEqual(['name']);
    expect(kinds('label in (coat')).toEqual([')']);
  });

  it('tells nothing where the text is wrong before its end', () => {
    expect(kinds('width > > 3 and')).toEqual([]);
  });
});
