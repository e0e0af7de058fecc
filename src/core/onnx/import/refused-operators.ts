/** @file Operators that are refused with advice: a model that uses them can often be exported without. */

const repetition =
  'its length may depend on the image. Export the model with loops unrolled (by tracing) or from plain tensor operations';
const sequence = 'lists of tensors are not supported. Export the model with one tensor per result';
const quantized =
  'its activations are quantised, so it has no useful gradients. Export the model before quantising it, or quantise its weights only';
const random = 'it draws random numbers. Export the model in evaluation mode';
const postprocessing =
  'how much it finds depends on the image. Choose an output before it, such as the raw scores and boxes';

const loss = 'it is a loss, which Whence computes itself. Choose the output before it, such as the logits';
const rewritten =
  "it is a form of ONNX Runtime's own optimiser. Take the model as it was before the optimiser saw it";

/** Operator → why it is refused, and what to do. */
export const refusedOperators: Readonly<Record<string, string>> = {
  Loop: repetition,
  Scan: repetition,
  SequenceAt: sequence,
  SequenceConstruct: sequence,
  SequenceEmpty: sequence,
  SequenceErase: sequence,
  SequenceInsert: sequence,
  SequenceLength: sequence,
  SequenceMap: sequence,
  SplitToSequence: sequence,
  ConcatFromSequence: sequence,
  ConvInteger: quantized,
  DynamicQuantizeLinear: quantized,
  MatMulInteger: quantized,
  QLinearConv: quantized,
  QLinearMatMul: quantized,
  'com.microsoft.QLinearAdd': quantized,
  'com.microsoft.QLinearGlobalAveragePool': quantized,
  NegativeLogLikelihoodLoss: loss,
  SoftmaxCrossEntropyLoss: loss,
  Bernoulli: random,
  Multinomial: random,
  RandomNormal: random,
  RandomNormalLike: random,
  RandomUniform: random,
  RandomUniformLike: random,
  Compress: postprocessing,
  NonMaxSuppression: postprocessing,
  Unique: postprocessing,
  'com.microsoft.Attention': rewritten,
  'com.microsoft.MultiHeadAttention': rewritten,
  'com.microsoft.NhwcConv': rewritten,
};
