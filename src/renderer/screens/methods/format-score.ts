/** @file Scores as text. */
const MINUS = '\u2212';

/** 0.4123 → '0.412'; −0.02 → '−0.020'. */
export function formatScore(score: number): string {
  return score.toFixed(3).replace('-', MINUS);
}
