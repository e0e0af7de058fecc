import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { areaUnderRoc } from '../evaluation/detection.ts';
import { flagByMargin, drawThresholdSamples } from './aum-threshold.ts';
import { combineEvidence } from './combine-evidence.ts';
import { rankLabels } from './rank-labels.ts';

const of = (...values: number[]): Float64Array => Float64Array.from(values);

describe('a ranking by one signal', () => {
  it('scores by rank percentile: ties share theirs, never learned is the most suspicious', () => {
    const { scores } = rankLabels({ forgetting: of(0, 2, 2, Infinity, 1) }, 'forgetting');
    expect([...scores]).toEqual([0, 0.625, 0.625, 1, 0.25]);
  });

  it('puts the less probable label of equal scores first, then the earlier sample', () => {
    const signals = { forgetting: of(1, 1, 1, 0), 'self-confidence': of(-0.9, -0.2, -0.9, -0.1) };
    expect([...rankLabels(signals, 'forgetting').order]).toEqual([1, 0, 2, 3]);
  });

  it('leaves out samples without the signal, which stand in the middle', () => {
    const { scores, percentiles } = rankLabels({ aum: of(3, NaN, 1) }, 'aum');
    expect([...scores]).toEqual([1, 0.5, 0]);
    expect([...percentiles.aum!]).toEqual([1, NaN, 0]);
  });
});

describe('the combined evidence', () => {
  it('rises with each of its signals', () => {
    const at = (confidence: number, loss: number, neighbours: number): number =>
      combineEvidence({
        'self-confidence': of(-confidence, -0.9),
        loss: of(loss, 0.1),
        'neighbour-disagreement': of(neighbours, 0),
      }).probabilities[0]!;
    expect(at(0.1, 1, 0.5)).toBeGreaterThan(at(0.5, 1, 0.5));
    expect(at(0.5, 2, 0.5)).toBeGreaterThan(at(0.5, 1, 0.5));
    expect(at(0.5, 1, 0.9)).toBeGreaterThan(at(0.5, 1, 0.5));
  });

  it('judges a sample by what is known of it', () => {
    const { probabilities } = combineEvidence({
      'self-confidence': of(-0.001, -0.001, -0.999, -0.999),
      loss: of(NaN, 6, NaN, 0.01),
    });
    for (const [sample, probability] of probabilities.entries()) expect(probability > 0.5).toBe(sample < 2);
  });

  it('finds the share of wrong labels without knowing any, and its probabilities hold what they say', () => {
    for (const share of [0.02, 0.1, 0.3]) {
      const { signals, wrong } = drawLogistic(4000, share);
      const found = combineEvidence(signals);
      expect(Math.abs(found.share - share)).toBeLessThan(0.02);
      expect(areaUnderRoc(found.probabilities, wrong)).toBeGreaterThan(0.9);
      const bins = [0, 0.2, 0.4, 0.6, 0.8].map((from) =>
        [...found.probabilities.keys()].filter(
          (sample) => found.probabilities[sample]! >= from && found.probabilities[sample]! < from + 0.2,
        ),
      );
      let error = 0;
      for (const samples of bins) {
        const said = samples.reduce((sum, sample) => sum + found.probabilities[sample]!, 0);
        const held = samples.reduce((sum, sample) => sum + wrong[sample]!, 0);
        error += Math.abs(said - held) / wrong.length;
      }
      expect(error).toBeLessThan(0.03);
    }
  });
});

/** Samples whose labels are wrong as often as the model of self-confidence alone says at a tenth, thinned out to another share. */
function drawLogistic(
  count: number,
  share: number,
): { signals: { 'self-confidence': Float64Array }; wrong: Uint8Array } {
  const random = new Random(17, 'logistic');
  const confidence: number[] = [];
  const wrong: number[] = [];
  while (wrong.length < count) {
    const surprise = Math.abs(random.uniform() < 0.096 ? 5 + random.normal() : 0.5 * random.normal());
    const isWrong = random.uniform() < 1 / (1 + Math.exp(5.3 - 1.75 * surprise));
    const kept = isWrong ? share / 0.1 : (1 - share) / 0.9;
    if (random.uniform() * 3.1 > kept) continue;
    confidence.push(-Math.exp(-surprise));
    wrong.push(isWrong ? 1 : 0);
  }
  return {
    signals: { 'self-confidence': Float64Array.from(confidence) },
    wrong: Uint8Array.from(wrong),
  };
}

describe('the threshold of the margin', () => {
  it('is the value below which 99 % of the samples lie that are wrong for sure; a drawn sample is judged by the other training', () => {
    const margins = Float32Array.from({ length: 300 }, (_, sample) => (sample < 100 ? sample / 100 : 2));
    const drawn = Int32Array.from({ length: 100 }, (_, sample) => sample);
    margins[200] = 0.5;
    const other = { margins: margins.map((margin) => margin - 1), drawn: Int32Array.of(200, 201) };
    const { flags, thresholds } = flagByMargin([{ margins, drawn }], 300);
    expect(thresholds[0]).toBeCloseTo(0.98, 6);
    expect([...flags.keys()].filter((sample) => flags[sample] === 1)).toEqual([200]);
    // The other training's threshold is 1: what was drawn in the first lies below it.
    const both = flagByMargin([{ margins, drawn }, other], 300);
    expect(both.thresholds[1]).toBe(1);
    expect([...both.flags].slice(0, 100).every((flag) => flag === 1)).toBe(true);
  });

  it('is measured on two disjoint draws as large as a class', () => {
    const [first, second] = drawThresholdSamples(110, 10, 3);
    expect([first.length, second.length]).toEqual([10, 10]);
    expect(new Set([...first, ...second]).size).toBe(20);
  });
});
