/** @file Charts as SVG that needs no script, with a title and a description for those who do not see them. */
import { writeFigure } from '../../contract/claim-words.ts';
import type { Chart, ChartRow } from './chart.ts';
import { given, markup, own, type Markup } from './markup.ts';
import type { Words } from './words.ts';

const WIDTH = 640;
const ROW = 26;
const LABELS = 190;
const FIGURES = 70;
const PLOT = WIDTH - LABELS - FIGURES;

export function drawChart(chart: Chart): Markup {
  return chart.kind === 'scores' ? drawScores(chart) : drawShares(chart);
}

function drawScores({ title, unit, rows }: Extract<Chart, { kind: 'scores' }>): Markup {
  const ends = rows.flatMap(({ value, deviation, band }) => [
    0,
    value - (deviation ?? 0),
    value + (deviation ?? 0),
    ...(band === null ? [] : [band.low, band.high]),
  ]);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const span = high - low || 1;
  const at = (value: number): number => round(LABELS + ((value - low) / span) * PLOT);
  const height = rows.length * ROW + 8;
  const told = rows.map(tellRow).join(' ');
  return markup`<svg class="chart" role="img" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"><title>${own(title)}</title><desc>${own(`In ${unit}. ${told}`)}</desc><line class="zero" x1="${at(0)}" x2="${at(0)}" y1="0" y2="${height}"/>${rows.map((row, index) => drawRow(row, index * ROW + 4, at))}</svg>`;
}

function drawRow(
  { label, value, deviation, band, isMarked }: ChartRow,
  top: number,
  at: (value: number) => number,
): Markup {
  const middle = top + ROW / 2;
  const chance =
    band === null
      ? []
      : [
          markup`<rect class="band" x="${at(band.low)}" y="${top + 5}" width="${round(Math.max(1, at(band.high) - at(band.low)))}" height="${ROW - 10}" rx="2"/><line class="median" x1="${at(band.median)}" x2="${at(band.median)}" y1="${top + 5}" y2="${top + ROW - 5}"/>`,
        ];
  const spread =
    deviation === null
      ? []
      : [
          markup`<line class="spread" x1="${at(value - deviation)}" x2="${at(value + deviation)}" y1="${middle}" y2="${middle}"/>`,
        ];
  const dot = isMarked
    ? markup`<circle class="mark" cx="${at(value)}" cy="${middle}" r="5"/>`
    : markup`<circle class="dot" cx="${at(value)}" cy="${middle}" r="4.5"/>`;
  return markup`<text class="label" x="0" y="${middle + 4}">${labelText(label)}</text>${chance}${spread}${dot}<text class="figure" x="${WIDTH}" y="${middle + 4}" text-anchor="end">${own(writeFigure(value))}</text>`;
}

function tellRow({ name, value, deviation, band, isMarked }: ChartRow): string {
  const parts = [`${name}: ${writeFigure(value)}`];
  if (deviation !== null) parts.push(`standard deviation ${writeFigure(deviation)}`);
  if (band !== null) parts.push(`random groups from ${writeFigure(band.low)} to ${writeFigure(band.high)}`);
  if (isMarked) parts.push('stands out');
  return `${parts.join(', ')}.`;
}

/** Names that people gave are cut where they would run into the plot; the table beside a chart has them whole. */
function labelText(label: Words): Markup {
  const parts = typeof label === 'string' ? [label] : label;
  return markup`${parts.map((part) =>
    typeof part === 'string' ? own(part) : markup`<tspan class="given">${given(cut(part.given))}</tspan>`,
  )}`;
}

function cut(name: string): string {
  return name.length > 18 ? `${name.slice(0, 17)}…` : name;
}

function drawShares({ title, parts }: Extract<Chart, { kind: 'shares' }>): Markup {
  const height = parts.length * ROW + 8;
  const told = parts.map(({ name, share }) => `${name}: ${percent(share)}.`).join(' ');
  return markup`<svg class="chart" role="img" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"><title>${own(title)}</title><desc>${own(told)}</desc>${parts.map(
    ({ label, share, isRest }, index) => {
      const top = index * ROW + 4;
      const width = round(Math.max(0, Math.min(1, share)) * PLOT);
      const bar = isRest
        ? markup`<rect class="rest" x="${LABELS}" y="${top + 5}" width="${width}" height="${ROW - 10}" rx="2"/>`
        : markup`<rect class="share" x="${LABELS}" y="${top + 5}" width="${width}" height="${ROW - 10}" rx="2"/>`;
      return markup`<text class="label" x="0" y="${top + ROW / 2 + 4}">${labelText(label)}</text>${bar}<text class="figure" x="${WIDTH}" y="${top + ROW / 2 + 4}" text-anchor="end">${own(percent(share))}</text>`;
    },
  )}</svg>`;
}

export function percent(share: number): string {
  return `${writeFigure(Math.round(share * 1000) / 10)} %`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
