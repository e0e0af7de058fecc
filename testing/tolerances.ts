/** @file Every tolerance the tests use, each with its reason. A test that needs another one adds it here. */
export const tolerances = {
  /** Sums of the same doubles in another order. */
  float64Reordered: 1e-12,
  /** The same doubles summed in another order on the way through a small network, whose normalisations magnify rounding. */
  float64ThroughNetwork: 1e-10,
  /**
   * Central differences in float64 with a step of 1e-5: truncation is about step² = 1e-10 times the third derivative, rounding about
   * 1e-16/step = 1e-11; two orders are left for both.
   */
  centralDifference: 1e-8,
  /** The same through a whole small network, whose third derivatives are larger. */
  centralDifferenceOfNetwork: 1e-6,
  /** A compiled operator in float32 against float64, relative to the largest element: float32's 6e-8 times short sums. */
  float32Compiled: 1e-5,
  /**
   * ONNX's own test cases, relative to the largest element: expected values are float32 themselves, and go through approximations of
   * exp, erf and pow that differ between libraries in the last bits.
   */
  float32Conformance: 2e-5,
  /** Expected values stored as float16: half a unit in the last of 11 bits, and intermediate results that were rounded so too. */
  float16Stored: 2e-3,
  /** The same on WebGPU, relative in the 2-norm: sums in another order, exp and log to a few units in the last place. */
  webgpuCompiled: 1e-5,
  /** WebGPU promises sine and cosine to an absolute 2⁻¹¹ only. */
  webgpuTrigonometry: 1e-3,
  /** A mean over random draws of fixed seeds, in standard errors: by chance once in 15,000. */
  standardErrors: 4,
  /** Conjugate gradients and a full Krylov space against Cholesky on a few hundred parameters, relative in the 2-norm. */
  conjugateGradients: 1e-4,
  /** LiSSA's series against Cholesky: it shrinks the error by a constant factor a step and is ended early. */
  lissa: 1e-2,
  /** The same curvature as one batch and as two: float64 sums in another order, magnified by the condition of the solve. */
  batchesOfCurvature: 1e-5,
  /** Sherman–Morrison against a Cholesky factorisation of a damped matrix of rank one. */
  dataInfOfOneSample: 1e-8,
} as const;

/** The step of central differences that `centralDifference` assumes. */
export const differenceStep = 1e-5;
