/** @file How well each signal found planted label errors, as evaluations to store. */
import {
  areaDeviation,
  areaUnderRoc,
  chanceDeviation,
  foundAfter,
  precisionAt,
} from '../../core/evaluation/detection.ts';
import { calibrationOf } from '../../core/evaluation/calibration.ts';
import { combineEvidence } from '../../core/curation/combine-evidence.ts';
import { labelSignalNames, type LabelSignals } from '../../core/curation/label-signals.ts';
import type { AttributionChoices } from '../../contract/attribution-choices.ts';
import { attributionTitle } from '../../contract/attribution-title.ts';
import { issueMethodWords } from '../../contract/issue-words.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { NewEvaluation } from '../storage/evaluations.ts';

/** Shares of the images after which it is told what was found. */
const INSPECTED = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1];

export interface PlantedFindings {
  readonly modelId: ModelId;
  /** How self-influence was estimated. */
  readonly choices: AttributionChoices;
  readonly signals: LabelSignals;
  /** 1 where the label was made wrong. */
  readonly planted: Uint8Array;
}

/** The combination first, then each signal. */
export function detectionEvaluations(found: PlantedFindings): NewEvaluation[] {
  const { signals, choices } = found;
  const ofSignals = labelSignalNames.flatMap((name) => {
    const scores = signals[name];
    if (scores === undefined) return [];
    const { title: own } = issueMethodWords[name];
    const isInfluence = name === 'self-influence';
    const title = isInfluence ? `${own}: ${attributionTitle(choices)}` : own;
    return [detection(found, title, scores, isInfluence ? choices : null)];
  });
  return [combination(found), ...ofSignals];
}

/** Its probabilities are also held against what is wrong. */
function combination(found: PlantedFindings): NewEvaluation {
  const { probabilities, share } = combineEvidence(found.signals);
  const plain = detection(found, issueMethodWords.combined.title, probabilities, null);
  const { error, bins } = calibrationOf(probabilities, found.planted);
  return {
    ...plain,
    figures: { ...plain.figures, 'calibration error': error, 'estimated share': share },
    curves: [
      ...plain.curves,
      {
        name: 'share that is wrong, by probability',
        points: bins.map(({ said, held }) => ({ x: said, y: held, deviation: null })),
      },
    ],
  };
}

function detection(
  { modelId, planted }: PlantedFindings,
  title: string,
  scores: Float64Array,
  choices: AttributionChoices | null,
): NewEvaluation {
  const count = planted.reduce((sum, one) => sum + one, 0);
  const others = planted.length - count;
  const area = areaUnderRoc(scores, planted);
  const points = INSPECTED.map((share) => ({
    x: share,
    y: foundAfter(scores, planted, share),
    deviation: null,
  }));
  return {
    modelId,
    kind: 'mislabel-auc',
    title,
    choices,
    score: area,
    deviation: areaDeviation(area, count, others),
    ceiling: 1,
    chance: { mean: 0.5, deviation: chanceDeviation(count, others) },
    figures: {
      images: planted.length,
      planted: count,
      'precision at the planted number': precisionAt(scores, planted),
      'found after 10 %': foundAfter(scores, planted, 0.1),
      'found after 20 %': foundAfter(scores, planted, 0.2),
    },
    curves: [{ name: 'found after looking at a share', points }],
    cost: null,
  };
}
