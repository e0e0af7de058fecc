/** @file What most people would choose for a model file. */
import type { OnnxModel } from '../../core/onnx/model.ts';
import { ModelChoices } from '../../contract/model-choices.ts';
import type { OutputRole } from '../../contract/models-service.ts';
import { USUAL_SIDE, type ImageInput } from './image-input.ts';

/** Exporters of frameworks whose models usually take pixels from −1 to 1. */
const SYMMETRIC_PRODUCERS = /tf2onnx|keras|tensorflow/i;

/** What `auto` stands for. */
type KnownRange = Exclude<ModelChoices['pixels'], 'auto'>;

export function suggestChoices(
  model: OnnxModel,
  image: ImageInput,
  roles: ReadonlyMap<string, OutputRole>,
  name: string,
): ModelChoices | null {
  const named = [...roles];
  const embedding = named.find(([, role]) => role === 'embedding')?.[0] ?? '';
  const classes =
    named.find(([, role]) => role === 'logits') ?? named.find(([, role]) => role === 'probabilities');
  if (classes === undefined && embedding === '') return null;
  const [output, outputKind] = classes ?? [embedding, 'logits'];
  return ModelChoices.parse({
    name,
    output,
    outputKind,
    embedding,
    // A backbone: its classes are still to be learned.
    newHead: classes === undefined,
    imageSize: image.size ?? USUAL_SIDE,
    pixels: suggestPixels(model, image),
  });
}

export function suggestPixels(model: OnnxModel, image: ImageInput): KnownRange {
  // A file that begins by scaling its input takes pixels as they are stored, or in 0…1.
  const first = model.nodes.find((node) => node.inputs.includes(image.input));
  if (first?.opType === 'Div') return 'byte';
  if (first?.opType === 'Sub' || first?.opType === 'Mul') return 'unit';
  if (SYMMETRIC_PRODUCERS.test(model.producer)) return 'symmetric';
  return image.channels === 1 ? 'unit' : 'imagenet';
}
