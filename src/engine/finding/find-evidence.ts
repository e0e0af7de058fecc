/**
 * @file The training images that pull an image towards a class: of that class, and with a positive score on the margin of that
 * class. Asked twice per issue, for the given and for the suggested label.
 */
import type { ScoreBlock } from '../../core/attribution/score-queries.ts';
import { TopInfluences } from '../../core/attribution/top-influences.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Attribution } from '../attributing/attribution.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import type { FoundEvidence } from '../storage/issues.ts';

/** An image and two class indices. */
export interface Doubt {
  readonly sampleId: SampleId;
  readonly given: number;
  readonly suggested: number;
}

/** Images kept per side: as many as a person looks at. */
const EVIDENCE_COUNT = 8;

interface Question extends LabelledRow {
  readonly towards: 'given' | 'suggested';
}

export async function findEvidence(
  attribution: Attribution,
  doubts: readonly Doubt[],
): Promise<FoundEvidence[]> {
  const { model } = attribution;
  const rowOfSample = new Map(model.samples.map((sample, row) => [sample.id, row]));
  const questions = doubts.flatMap(({ sampleId, given, suggested }): Question[] => {
    const row = rowOfSample.get(sampleId)!;
    return [
      { sampleId, row, towards: 'given', classIndex: given },
      { sampleId, row, towards: 'suggested', classIndex: suggested },
    ];
  });
  const classOfColumn = Int32Array.from(model.learned, (row) => row.classIndex);
  const columnIds = model.learned.map((row) => row.sampleId);
  const evidence: FoundEvidence[] = [];
  let top: TopInfluences | null = null;
  for await (const { targets, block } of attribution.scores(questions)) {
    top ??= new TopInfluences(
      targets.map((target) => target.sampleId),
      columnIds,
      EVIDENCE_COUNT,
    );
    const classOfRow = Int32Array.from(targets, (target) => target.classIndex);
    dropOtherClasses(block, classOfRow, classOfColumn);
    top.add(block);
    if (block.firstRow + block.scores.columns < columnIds.length) continue;
    for (const { proponents } of top.result()) {
      const { sampleId, towards } = questions[evidence.length]!;
      const entries = proponents.map((entry) => ({ ...entry, sampleId: entry.sampleId as SampleId }));
      evidence.push({ targetId: sampleId, towards, entries });
    }
    top = null;
  }
  return evidence;
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
