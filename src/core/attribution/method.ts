/**
 * @file What an attribution method is: a row of choices, not a program.
 * score(query j, train i) = mean over members of ψ_jᵀ · P · φ_i, times the mean weight of i (DESIGN §4).
 */

/**
 * What is differentiated: the cross-entropy, or the margin log(p/(1−p)) of the label's class. 'embedding': nothing is; what the last layer sees is
 * compared itself.
 */
export type OutputFunction = 'loss' | 'margin' | 'embedding';

export interface AttributionMethod {
  readonly name: string;
  /** For a person. */
  readonly title: string;
  readonly outputFunction: OutputFunction;
  /** P: the identity, or (ΦᵀΦ + λI)⁻¹. */
  readonly preconditioner: 'identity' | 'ridge';
  /** Features as they are, or each scaled to length one. */
  readonly featureLength: 'kept' | 'unit';
  /** w: one for all, or Q_i = 1 − p_i. */
  readonly sampleWeight: 'one' | 'residual';
}

/** What must exist before a method can score; the pipeline reads this, never a method's name. */
export interface NeededArtifacts {
  /** Projected gradients of training images and queries, of this output function; or their embeddings. */
  readonly features: OutputFunction;
  /** Residuals 1 − p_y of the training images. */
  readonly residuals: boolean;
  /** A Gram matrix of the training features, and with it a damping. */
  readonly damping: boolean;
}

export function neededArtifacts(method: AttributionMethod): NeededArtifacts {
  return {
    features: method.outputFunction,
    residuals: method.sampleWeight === 'residual',
    damping: method.preconditioner === 'ridge',
  };
}
