/** @file ResNet-18 (He et al. 2016) with its normalisations folded into the convolutions, as exporters leave it; and how soon it starts. */
import { Random } from '../src/core/base/random.ts';
import type { Graph, Value } from '../src/core/graph/graph.ts';
import { layOutParameters, type Network, type Parameters } from '../src/core/nn/network.ts';
import { add, conv, flatten, globalAveragePool, matMul, maxPool, relu } from '../src/core/ops/build.ts';
import { trainingProgram } from '../src/core/nn/training-program.ts';
import { elementCount, type Shape } from '../src/core/tensor/tensor.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import { profile } from './contenders.ts';

const CLASSES = 1000;

interface Convolution {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
}

interface Block {
  readonly first: Convolution;
  readonly second: Convolution;
  readonly skip: Convolution | null;
}

const stem: Convolution = { name: 'stem', inputs: 3, outputs: 64, kernel: 7, stride: 2 };

const blocks: readonly Block[] = [64, 128, 256, 512].flatMap((outputs, stage) =>
  [0, 1].map((index) => {
    const name = `stage${stage}.block${index}`;
    const isFirst = index === 0 && stage > 0;
    const inputs = isFirst ? outputs / 2 : outputs;
    const stride = isFirst ? 2 : 1;
    return {
      first: { name: `${name}.first`, inputs, outputs, kernel: 3, stride },
      second: { name: `${name}.second`, inputs: outputs, outputs, kernel: 3, stride: 1 },
      skip: isFirst ? { name: `${name}.skip`, inputs, outputs, kernel: 1, stride } : null,
    };
  }),
);

/** For images of `imageSize` pixels; a multiple of 32. */
function resnet18(imageSize: number): Network {
  const convolutions = [
    stem,
    ...blocks.flatMap(({ first, second, skip }) => [first, second, ...(skip ? [skip] : [])]),
  ];
  const shapes: { name: string; shape: Shape }[] = convolutions.flatMap(
    ({ name, inputs, outputs, kernel }) => [
      { name: `${name}.weight`, shape: [outputs, inputs, kernel, kernel] },
      { name: `${name}.bias`, shape: [outputs] },
    ],
  );
  shapes.push({ name: 'head.weight', shape: [CLASSES, 512] }, { name: 'head.bias', shape: [CLASSES] });
  const layout = layOutParameters(shapes);
  return {
    inputShape: [3, imageSize, imageSize],
    outputCount: CLASSES,
    ...layout,
    dropouts: [],
    initialParameters: (seed) => {
      const random = new Random(seed, 'resnet18');
      const vector = new Float32Array(layout.parameterCount);
      for (const { shape, offset } of layout.parameters) {
        if (shape.length === 1) continue;
        const deviation = Math.sqrt(2 / elementCount(shape.slice(1)));
        for (let index = 0; index < elementCount(shape); index++)
          vector[offset + index] = deviation * random.normal();
      }
      return vector;
    },
    forward: (graph, images, parameters) => runForward(graph, images, parameters),
  };
}

function runForward(graph: Graph, images: Value, parameters: Parameters) {
  const convolve = (x: Value, { name, kernel, stride }: Convolution): Value =>
    conv(graph, x, parameters.get(`${name}.weight`)!, {
      stride,
      pads: (kernel - 1) / 2,
      bias: parameters.get(`${name}.bias`)!,
    });
  let x = maxPool(graph, relu(graph, convolve(images, stem)), 3, { stride: 2, pads: 1 });
  for (const { first, second, skip } of blocks) {
    const inner = convolve(relu(graph, convolve(x, first)), second);
    x = relu(graph, add(graph, inner, skip === null ? x : convolve(x, skip)));
  }
  const embedding = flatten(graph, globalAveragePool(graph, x));
  const product = matMul(graph, embedding, parameters.get('head.weight')!, { transposeB: true });
  return { output: add(graph, product, parameters.get('head.bias')!), embedding };
}

/** Seconds from nothing to a session that is ready to train on 8 images of 224 pixels; and where the compiled program was kept. */
export async function startSeconds(threads: number): Promise<{ first: number; second: number }> {
  const executor = createOrtExecutor({ threads });
  const options = { batchSize: 8, profile, optimizer: 'sgd', momentum: 0.9, weightDecay: 0 } as const;
  const start = performance.now();
  const program = trainingProgram(resnet18(224), options);
  const session = await executor.open(program);
  const first = (performance.now() - start) / 1000;
  await session.dispose();
  const again = performance.now();
  await (await executor.open(program)).dispose();
  return { first, second: (performance.now() - again) / 1000 };
}
