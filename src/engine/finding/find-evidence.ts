/**
 * @file The training images that pull an image towards a class: of that class, and with a positive score on the margin of that
 * class. Asked twice per issue, for the given and for the suggested label.
 */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { scoreQueries, type ScoreBlock } from '../../core/attribution/score-queries.ts';
import { TopInfluences } from '../../core/attribution/top-influences.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { memberOf, toMatrix, type Scoring } from '../attributing/scoring.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { FoundEvidence } from '../storage/issues.ts';

/** An image and two class indices. */
export interface Doubt {
  readonly sampleId: SampleId;
  readonly given: number;
  readonly suggested: number;
}

const DOUBTS_AT_ONCE = 256;
/** Images kept per side: as many as a person looks at. */
const EVIDENCE_COUNT = 8;

export async function findEvidence(
  scoring: Scoring,
  doubts: readonly Doubt[],
  context: RunContext,
): Promise<FoundEvidence[]> {
  const rowOfSample = new Map(scoring.model.samples.map((sample, row) => [sample.id, row]));
  const evidence: FoundEvidence[] = [];
  for (let from = 0; from < doubts.length; from += DOUBTS_AT_ONCE) {
    const queries = doubts.slice(from, from + DOUBTS_AT_ONCE).flatMap(({ sampleId, given, suggested }) => {
      const row = rowOfSample.get(sampleId)!;
      return [
        { sampleId, row, towards: 'given' as const, classIndex: given },
        { sampleId, row, towards: 'suggested' as const, classIndex: suggested },
      ];
    });
    const pulls = await findPulls(scoring, queries, context);
    for (const [place, { sampleId, towards }] of queries.entries())
      evidence.push({ targetId: sampleId, towards, entries: pulls[place]! });
    const done = Math.min(doubts.length, from + DOUBTS_AT_ONCE);
    context.progress('Finding evidence', 0.6 + (0.4 * done) / doubts.length, { issues: done });
  }
  return evidence;
}

async function findPulls(
  scoring: Scoring,
  queries: readonly { readonly sampleId: SampleId; readonly row: number; readonly classIndex: number }[],
  { signal }: RunContext,
): Promise<FoundEvidence['entries'][]> {
  const { learned } = scoring.model;
  const { features } = await scoring.computer.compute(queries, signal);
  const top = new TopInfluences(
    queries.map((query) => query.sampleId),
    learned.map((row) => row.sampleId),
    EVIDENCE_COUNT,
  );
  const classOfColumn = Int32Array.from(learned, (row) => row.classIndex);
  const classOfRow = Int32Array.from(queries, (query) => query.classIndex);
  const member = memberOf(scoring, toMatrix(features, queries.length));
  for await (const block of scoreQueries([member], scoring.weights)) {
    throwIfCancelled(signal);
    dropOtherClasses(block, classOfRow, classOfColumn);
    top.add(block);
  }
  return top
    .result()
    .map(({ proponents }) =>
      proponents.map(({ sampleId, score }) => ({ sampleId: sampleId as SampleId, score })),
    );
}

/** A score of zero is on neither side. */
function dropOtherClasses(
  { scores, firstRow }: ScoreBlock,
  classOfRow: Int32Array,
  classOfColumn: Int32Array,
): void {
  for (let row = 0; row < scores.rows; row++)
    for (let column = 0; column < scores.columns; column++)
      if (classOfColumn[firstRow + column] !== classOfRow[row])
        scores.data[row * scores.columns + column] = 0;
}
