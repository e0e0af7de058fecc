/**
 * @file The claim ladder: what may be said of a finding, by how it was made. Each finding carries the highest step that it reached; screens and reports say no more
 * than that step allows.
 */
import { z } from 'zod';

/** From the weakest statement about a model to the strongest: the first two say nothing of the model, only of the images. */
export const ClaimStep = z.enum(['manifest', 'near-copy', 'alike', 'influence', 'removal']);
export type ClaimStep = z.infer<typeof ClaimStep>;

/** Place on the ladder, 1 … 5. */
export function stepNumber(step: ClaimStep): number {
  return ClaimStep.options.indexOf(step) + 1;
}
