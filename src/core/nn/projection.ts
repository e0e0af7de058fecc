/** @file Which random projections of per-sample gradients there are (METHODS §1.2). */
export const projectionKinds = [
  /** A count sketch of the whole gradient whose buckets go round: exactly `size` features. Faithful and fast; the default. */
  'fold',
  /**
   * Per weight P·G·Qᵀ, formed from the factors of the gradient G (LoGra, Choe et al. 2024), and a fold of all vectors together: at most
   * `size` features. The fastest.
   */
  'factorised',
  /** The same with coordinates picked in place of P and Q, four times as many, then sketched (FactGraSS). */
  'factorised-mask-sjlt',
  /** A count sketch with a random bucket for every entry (SJLT of one entry per column). */
  'sjlt',
  /** Entries ±1/√size, or normal: references for small models, whose matrix is as long as the parameters. */
  'rademacher',
  'gaussian',
  /** `size` entries of the gradient picked at random. */
  'mask',
  /** Sixteen times as many picked, then sketched to `size` (GraSS). */
  'mask-sjlt',
  /** The whole gradient; `size` and `seed` are not read. */
  'none',
] as const;

export interface Projection {
  readonly kind: (typeof projectionKinds)[number];
  readonly size: number;
  readonly seed: number;
}
