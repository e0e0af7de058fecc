/**
 * @file Relative errors in the 2-norm that a provider is trusted with. float32 added up in another order gives up to 5e-5 in gradients of small networks;
 * products in TensorFloat-32, which CUDA takes for convolutions, have ten bits: some 5e-4. An operator that computes something else gives 0.1 and more.
 */
export const PREDICTION_TOLERANCE = 1e-3;
export const GRADIENT_TOLERANCE = 5e-3;
