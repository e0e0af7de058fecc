import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCaseFile, makeReportInput } from '../../../testing/case-file.ts';
import { findBlockedWord } from '../../contract/blocked-words.ts';
import { claimWords } from '../../contract/claim-words.ts';
import { ClaimStep, stepNumber } from '../../contract/claims.ts';
import type { CaseFile, Finding } from '../../contract/cases-service.ts';
import { buildReport } from './build-report.ts';
import { renderReport } from './render-report.ts';
import type { ReportInput } from './report-input.ts';

let input: ReportInput;
beforeAll(async () => {
  input = await makeReportInput();
});

function rendered(changes: Partial<CaseFile> = {}): string {
  return renderReport(buildReport({ ...input, caseFile: makeCaseFile(changes) }));
}

/** What the app says: without style, without elements that hold words of others, without tags; entities as letters. */
function ownText(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/g, ' ')
    .replace(/<(q|code|blockquote|tspan) class="given">[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*?alt="([^"]*)"[^>]*>/g, ' $1 ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(amp|lt|gt|quot);/g, ' ');
}

describe('a report', () => {
  it('holds what a reader needs, in the order of the contents', () => {
    const html = rendered();
    const titles = [...html.matchAll(/<h2>(\d+) ([^<]*)<\/h2>/g)].map((match) => match[2]);
    expect(titles).toEqual([
      'Summary',
      'Materials',
      'Completeness',
      'Evidence chain',
      'Method',
      'Results',
      'Controls',
      'Agreement between methods',
      'Exhibits',
      'Human review',
      'Limitations',
      'How to repeat this',
      'Annex: certification',
    ]);
    const text = ownText(html);
    expect(text).toContain('Diffuse / not attributed');
    expect(text).toContain('to be filled in by hand');
    expect(html).toContain(
      'whence groups attribute --project herons.whence --method guda --groups 1,2 --controls 8 --keep-models',
    );
    expect(html).toContain('ef'.repeat(32));
  });

  it('is a draft until its controls pass, and says so on its cover', () => {
    expect(rendered()).not.toContain('class="draft"');
    expect(rendered({ controlsMet: false })).toContain('Controls not met.');
    expect(rendered({ controlsMet: null })).toMatch(/<body class="draft">[\s\S]*Not all controls were run\./);
  });

  it('is the same bytes but for the block that says when it was written', () => {
    const [first, second] = [
      rendered(),
      renderReport(buildReport({ ...input, writtenAt: '2031-01-01T00:00:00.000Z', writtenBy: 'Another' })),
    ];
    const mask = (html: string): string => html.replace(/<!--written-->[\s\S]*?<!--\/written-->/, '');
    expect(rendered()).toBe(first);
    expect(second).not.toBe(first);
    expect(mask(second)).toBe(mask(first));
  });

  it('asks for nothing from anywhere, and runs no script', () => {
    const html = rendered();
    expect(html).toContain('default-src &#39;none&#39;'.replaceAll('&#39;', "'"));
    expect(html).not.toMatch(/<(script|link|iframe|object|embed|form|base)\b|\son\w+=|javascript:/i);
    for (const [, address] of html.matchAll(/(?:src|href)="([^"]*)"/g))
      expect(address).toMatch(/^(data:image\/(png|jpeg);base64,|#)/);
  });

  it('has headings in order, and a text for every picture', () => {
    const html = rendered();
    let before = 0;
    for (const [, level] of html.matchAll(/<h([1-6])>/g)) {
      expect(Number(level)).toBeLessThanOrEqual(before + 1);
      before = Number(level);
    }
    expect(html.match(/<img /g)?.length).toBe(html.match(/<img [^>]*alt="[^"]+"/g)?.length);
    expect(html.match(/<svg /g)?.length).toBe(
      html.match(/<svg [^>]*role="img"[^>]*><title>[^<]+<\/title><desc>[^<]+/g)?.length,
    );
  });

  it('quotes what people wrote as theirs, whatever words they chose', () => {
    const html = rendered();
    expect(html).toContain('The publisher is responsible. &lt;script&gt;');
    expect(findBlockedWord(ownText(html))).toBeNull();
  });

  it('prints every finding that is not relied on apart from the others', () => {
    const html = rendered();
    const apart = html.slice(html.indexOf('id="not-relied-on"'), html.indexOf('id="controls"'));
    expect(apart).toContain('Step 5. Trained again without group 1');
    expect(html.split('Trained again without group 1').length).toBe(2);
  });
});

const person = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'It was copied.',
    '<img src=x onerror=alert(1)>',
    '"><script>',
    '</style>',
    "' onload='x",
    '${x}',
    '<!--',
    '-->',
    '&lt;',
    '\u202egnp.exe',
    '\u0000',
  ),
);
const finding = fc.record<Finding>({
  key: fc.string(),
  step: fc.constantFrom(...ClaimStep.options),
  queryId: fc.integer({ min: 1, max: 9 }) as fc.Arbitrary<Finding['queryId']>,
  sampleId: fc.option(fc.integer({ min: 1, max: 99 })) as fc.Arbitrary<Finding['sampleId']>,
  groupId: fc.option(fc.integer({ min: 1, max: 2 })) as fc.Arbitrary<Finding['groupId']>,
  runIds: fc.subarray([5, 6, 8, 99]) as fc.Arbitrary<Finding['runIds']>,
  figures: fc.dictionary(
    fc.constantFrom('rank', 'agreement', 'share', 'pValue', 'commonness', 'raw'),
    fc.double(),
  ),
  supported: fc.boolean(),
});

describe('whatever is found, and whatever people write', () => {
  const cases = fc.record({
    findings: fc.array(finding, { maxLength: 6 }),
    controlsMet: fc.constantFrom(true, false, null),
    name: person,
    question: person,
    caption: person,
    groupName: person,
    note: person,
  });
  const changesOf = ({
    findings,
    controlsMet,
    name,
    question,
    caption,
    groupName,
    note,
  }: typeof cases extends fc.Arbitrary<infer Value> ? Value : never): Partial<CaseFile> => {
    const { exhibits, groups, shares, notes } = makeCaseFile();
    return {
      ...{ findings, controlsMet, name, question },
      exhibits: exhibits.map((exhibit) => ({ ...exhibit, caption })),
      groups: groups.map((group) => ({ ...group, name: groupName, rightsHolder: note })),
      shares: shares.map((one) => ({
        ...one,
        groups: one.groups.map((group) => ({ ...group, name: groupName })),
      })),
      notes: notes.map((one) => ({ ...one, text: note })),
    };
  };

  it('the app prints no blocked word, and nothing of a step under the heading of a higher one', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const html = rendered(changesOf(drawn));
        expect(findBlockedWord(ownText(html))).toBeNull();
        for (const step of ClaimStep.options) {
          const section = sectionOf(html, step);
          for (const [, sentence] of section.matchAll(/<p class="finding">([^<]*)/g))
            expect(stepOfSentence(sentence!)).toBe(step);
        }
        const printed = [...html.matchAll(/<p class="finding">/g)].length;
        expect(printed).toBe(drawn.findings.length);
      }),
      { numRuns: 60 },
    );
  });

  it('no text becomes an element', () => {
    const tagsOf = (html: string): string[] =>
      [...html.matchAll(/<\/?([a-z][a-z0-9]*|!--)/gi)].map((match) => match[1]!);
    fc.assert(
      fc.property(person, (text) => {
        const withText = (words: string): string =>
          rendered({
            ...changesOf({
              findings: [],
              controlsMet: true,
              name: words,
              question: words,
              caption: words,
              groupName: words,
              note: words,
            }),
            controls: [],
          });
        const told = tagsOf(withText(`x${text}`));
        const plain = tagsOf(withText('x'));
        expect(told.length).toBe(plain.length);
      }),
      { numRuns: 40 },
    );
  });
});

function sectionOf(html: string, step: ClaimStep): string {
  const start = html.indexOf(`id="step-${step}"`);
  const next = [...ClaimStep.options.map((other) => `id="step-${other}"`), 'id="not-relied-on"']
    .map((mark) => html.indexOf(mark, start + 1))
    .filter((at) => at > start);
  return html.slice(start, Math.min(...next));
}

/** By the words that the table has for it. */
function stepOfSentence(sentence: string): ClaimStep {
  const pattern = (text: string): RegExp =>
    new RegExp(`^${text.slice(0, -1).replaceAll(/\{\w+\}/g, String.raw`\d*`)}`);
  return ClaimStep.options
    .toSorted((a, b) => stepNumber(a) - stepNumber(b))
    .find(
      (step) =>
        pattern(claimWords[step].ofImage).test(sentence) || pattern(claimWords[step].ofGroup).test(sentence),
    )!;
}
