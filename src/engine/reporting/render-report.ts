/**
 * @file A report as one HTML file: no request leaves it, no script runs in it, and it opens from a USB stick years later.
 *
 * [Note: One block differs] Two reports of the same case, materials and programs are the same bytes but for what stands between `<!--written-->` and `<!--/written-->`.
 */
import { createHash } from 'node:crypto';
import { drawChart } from './draw-chart.ts';
import { given, markup, own, Markup } from './markup.ts';
import type { Block, ReportDocument, Section, ShownPicture } from './report-document.ts';
import { timeWords } from './sections/phrases.ts';
import { reportStyle } from './report-style.ts';
import { wordsElements } from './words-elements.ts';

type BlockOf<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>;

const STYLE_HASH = createHash('sha256').update(reportStyle).digest('base64');
/** Pictures that are in the file, its one style sheet, and nothing else. */
const POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

export function renderReport(report: ReportDocument): string {
  const { draft, cover, sections } = report;
  const body = draft === null ? markup`<body>` : markup`<body class="draft">`;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${own('Whence: report of a copyright case')}</title>
<style>${new Markup(reportStyle)}</style>
</head>
${body}
<header class="cover">
<p class="mark">${own('Whence')}</p>
<h1>${own('Report of a copyright case')}</h1>
<p class="case"><q class="given">${given(report.caseName)}</q></p>
${draftNotice(draft)}
<!--written--><p class="written">${own('Written at')} ${drawTime(report.writtenAt)} ${own('by')} <q class="given">${given(report.writtenBy)}</q></p><!--/written-->
${cover.map((block) => drawBlock(block, { level: 1, section: null }))}
${contents(sections)}
</header>
<main>
${sections.map((section, index) => drawSection(section, { level: 1, section: null }, `${index + 1} `))}
</main>
</body>
</html>
`;
  return page.html;
}

function drawTime(at: string): Markup {
  return markup`<time datetime="${given(at)}">${given(timeWords(at))}</time>`;
}

function draftNotice(draft: string | null): Markup[] {
  if (draft === null) return [];
  return [markup`<p class="notice"><strong>${own('Draft.')}</strong> ${own(draft)}</p>`];
}

function contents(sections: readonly Section[]): Markup {
  const items = sections.map(({ id, title }) => markup`<li><a href="#${own(id)}">${own(title)}</a></li>`);
  return markup`<nav aria-label="${own('Contents')}"><ol class="contents">${items}</ol></nav>`;
}

/** Where a block stands: in how deep a section, and of which step. */
interface Place {
  readonly level: number;
  readonly section: Section | null;
}

function drawSection(section: Section, place: Place, number = ''): Markup {
  const level = place.level + 1;
  const heading = headings[level];
  if (heading === undefined) throw new Error(`internal: sections are too deep at ${section.id}`);
  const within = { level, section: inherits(section, place.section) };
  const paged = section.startsPage === true ? markup` class="page"` : markup``;
  return markup`<section id="${own(section.id)}"${paged}>
${heading(markup`${own(`${number}${section.title}`)}`)}
${section.blocks.map((block) => drawBlock(block, within))}
</section>
`;
}

/** A section within one of a step is of that step too. */
function inherits(section: Section, outer: Section | null): Section {
  const { step } = section;
  if (step !== undefined || outer?.step === undefined) return section;
  return { ...section, step: outer.step };
}

const headings: Readonly<Record<number, (text: Markup) => Markup>> = {
  2: (text) => markup`<h2>${text}</h2>`,
  3: (text) => markup`<h3>${text}</h3>`,
  4: (text) => markup`<h4>${text}</h4>`,
};

function drawBlock(block: Block, place: Place): Markup {
  if (block.kind === 'section') return drawSection(block, place);
  if (block.kind === 'finding') return drawFinding(block, place);
  const draw = drawings[block.kind] as (block: Block) => Markup;
  return draw(block);
}

/** A finding stands under the heading of its own step, or among those that are not relied on. */
function drawFinding({ step, words }: BlockOf<'finding'>, { section }: Place): Markup {
  if (section === null || (section.step !== step && section.step !== 'not-relied-on'))
    throw new Error(`internal: a finding of the step ${step} stands in ${section?.id ?? 'no section'}`);
  return markup`<p class="finding">${wordsElements(words)}</p>`;
}

const drawings: {
  readonly [Kind in Exclude<Block['kind'], 'section' | 'finding'>]: (block: BlockOf<Kind>) => Markup;
} = {
  text: ({ words }) => markup`<p>${wordsElements(words)}</p>
`,
  note: ({ words }) => markup`<p class="note">${wordsElements(words)}</p>
`,
  quote: ({
    text,
    about,
    by,
    at,
  }) => markup`<figure class="quote"><figcaption>${own(about)}, ${own('in the words of')} <q class="given">${given(by)}</q>${at === null ? [] : [markup`, ${drawTime(at)}`]}</figcaption><blockquote class="given">${given(text)}</blockquote></figure>
`,
  facts: ({ rows }) => markup`<dl>${rows.map(
    ([label, words]) => markup`<div><dt>${own(label)}</dt><dd>${wordsElements(words)}</dd></div>
`,
  )}</dl>
`,
  table: drawTable,
  list: ({ ordered, items }) => {
    const rows = items.map(
      (words) => markup`<li>${wordsElements(words)}</li>
`,
    );
    return ordered === true
      ? markup`<ol class="list">${rows}</ol>
`
      : markup`<ul class="list">${rows}</ul>
`;
  },
  pictures: ({ pictures }) => markup`<div class="pictures">${pictures.map(drawPicture)}</div>
`,
  chart: ({
    chart,
  }) => markup`<figure class="plot"><figcaption>${own(chart.title)}</figcaption>${drawChart(chart)}</figure>
`,
  commands: ({ lines }) => markup`<pre><code class="given">${lines.map(
    (line) => markup`${given(line)}
`,
  )}</code></pre>
`,
  form: ({ fields }) => markup`<dl class="form">${fields.map(
    (
      field,
    ) => markup`<div><dt>${own(field)}</dt><dd><span class="blank">${own('to be filled in by hand')}</span></dd></div>
`,
  )}</dl>
`,
};

function drawTable({ caption, head, figures = [], rows }: BlockOf<'table'>): Markup {
  const cells = head.map((cell, column) =>
    figures.includes(column)
      ? markup`<th scope="col" class="figure">${own(cell)}</th>`
      : markup`<th scope="col">${own(cell)}</th>`,
  );
  const body = rows.map((row) => {
    const drawn = row.map((words, column) =>
      figures.includes(column)
        ? markup`<td class="figure">${wordsElements(words)}</td>`
        : markup`<td>${wordsElements(words)}</td>`,
    );
    return markup`<tr>${drawn}</tr>
`;
  });
  return markup`<table><caption>${own(caption)}</caption><thead><tr>${cells}</tr></thead><tbody>
${body}</tbody></table>
`;
}

function drawPicture({ picture, alt, caption }: ShownPicture): Markup {
  const source = new Markup(`data:${picture.type};base64,${Buffer.from(picture.bytes).toString('base64')}`);
  const seen = picture.isBlurred ? `${alt}; blurred` : alt;
  return markup`<figure><img src="${source}" alt="${own(seen)}" width="${picture.width}" height="${picture.height}"><figcaption>${wordsElements(caption)}</figcaption></figure>
`;
}
