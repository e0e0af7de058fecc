/** @file Estimated influence of single training images: by each method, with its spread and how unusual it is. */
import type { InfluenceMethod } from '../../../contract/cases-service.ts';
import type { Block } from '../report-document.ts';
import { figureOr, partOr } from './phrases.ts';

const PRINTED = 10;

export function influenceBlocks(methods: readonly InfluenceMethod[]): Block[] {
  if (methods.length === 0) return [{ kind: 'text', words: 'No influence of single images was estimated.' }];
  const few: Block[] =
    methods.every(({ step }) => step === 'influence') && new Set(methods.map(({ method }) => method)).size < 2
      ? [
          {
            kind: 'note',
            words:
              'Only one method was used. An estimate that rests on one method is not checked by another.',
          },
        ]
      : [];
  return [...few, ...methods.flatMap(methodBlocks)];
}

function methodBlocks({ runId, title, queries }: InfluenceMethod): Block[] {
  return queries.flatMap(({ queryId, proponents }): Block[] => {
    const printed = proponents.slice(0, PRINTED);
    if (printed.length === 0) return [];
    return [
      {
        kind: 'chart',
        chart: {
          kind: 'scores',
          title: `Strongest training images for query ${queryId}: ${title} (run ${runId})`,
          unit: 'scores of the method',
          rows: printed.map(({ sampleId, score, deviation }) => ({
            ...{ label: `Training image ${sampleId}`, name: `Training image ${sampleId}` },
            ...{ value: score, deviation, band: null, isMarked: false },
          })),
        },
      },
      {
        kind: 'table',
        caption: `Run ${runId}, query ${queryId}. The spread is over the members of the ensemble; the null percentile is the part of the control queries whose strongest image scores lower.`,
        head: ['Training image', 'Score', 'Spread', 'Percentile', 'Null percentile'],
        figures: [1, 2, 3, 4],
        rows: printed.map(({ sampleId, score, deviation, percentile, nullPercentile }) => [
          String(sampleId),
          figureOr(score),
          figureOr(deviation, 'one member'),
          partOr(percentile),
          partOr(nullPercentile, 'no controls'),
        ]),
      },
    ];
  });
}
