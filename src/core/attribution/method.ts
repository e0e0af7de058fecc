/**
 * @file What an attribution method is: a row of choices, not a program.
 * score(query j, train i) = mean over members of ψ_jᵀ · P · φ_i, times the mean weight of i (DESIGN §4).
 */

/**
 * What is differentiated: the cross-entropy, or the margin log(p/(1−p)) of the label's class. 'embedding': nothing is; what the last layer sees is
 * compared itself.
 */
export type OutputFunction = 'loss' | 'margin' | 'embedding';

/**
 * P: the identity; (ΦᵀΦ + λI)⁻¹; or the inverse of a damped curvature of the training loss: by conjugate gradients, by the LiSSA recursion, on the
 * leading Krylov directions, with inverse and mean swapped (DataInf), or by Kronecker factors, as they are or with eigenvalues corrected.
 */
export type Preconditioning =
  'identity' | 'ridge' | 'cg' | 'lissa' | 'arnoldi' | 'datainf' | 'kfac' | 'ekfac';

export interface AttributionMethod {
  readonly outputFunction: OutputFunction;
  readonly preconditioner: Preconditioning;
  /**
   * projected: shortened as the user chose; factorised: shortened layer by layer, whatever was chosen, because the preconditioner needs the
   * layers; whole: as they are, computed anew for every pass and never stored.
   */
  readonly gradients: 'projected' | 'factorised' | 'whole';
  /** Features as they are, or each scaled to length one. */
  readonly featureLength: 'kept' | 'unit';
  /** ψᵀPφ, or −‖ψ − φ‖². */
  readonly comparison: 'product' | 'negative-distance';
  /**
   * w: one for all, Q_i = 1 − p_i, or the representer value −∂ℓ_i/∂z_c / (2λn) of a last layer that was fitted again, c being the query's class.
   */
  readonly sampleWeight: 'one' | 'residual' | 'representer';
}

/**
 * What each training sample's scores are divided by: nothing, ‖Pφ‖ (θ-RelatIF), √(φᵀPφ) (ℓ-RelatIF), or ‖φ‖. Only gradients have such lengths.
 */
export type Normalisation = 'none' | 'relative-parameters' | 'relative-loss' | 'renormalised';

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

/** Whether a sample's score for itself takes a solve of its own, as dear as that of a query: too dear to be had beside the scores. */
export function solvesEachRow({ preconditioner }: AttributionMethod): boolean {
  return preconditioner === 'cg' || preconditioner === 'lissa' || preconditioner === 'datainf';
}
