/** @file A small trained model on tiny images, outside any project, and what an ensemble of it is made from. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Executor } from '../src/core/execution/executor.ts';
import { buildClassifier } from '../src/core/nn/classifier.ts';
import type { Network } from '../src/core/nn/network.ts';
import type { MemberWork } from '../src/engine/attributing/members/member-work.ts';
import { checkpointsPath } from '../src/engine/training/kept-checkpoints.ts';
import { measureNormalization, memoryPixels } from '../src/engine/training/pixel-source.ts';
import { drawShapes } from './shape-images.ts';

const COUNT = 48;
const shapes = drawShapes({ count: COUNT, classCount: 3, size: 8, seed: 5 });
const pixels = memoryPixels(shapes.bytes, 1, 8);

/** The first 36 images are learned. `home`: where members are kept. */
export function memberWork(
  executor: Executor,
  home: string,
  network: Network = buildClassifier({
    architecture: 'mlp',
    channels: 1,
    imageSize: 8,
    classCount: 3,
    dropout: 0,
  }),
): MemberWork {
  const parameters = network.initialParameters(8);
  const rows = Array.from({ length: 36 }, (_, row) => row);
  return {
    model: {
      classifier: network,
      parameters,
      parametersSha256: createHash('sha256').update(parameters).digest('hex'),
      normalization: measureNormalization(pixels, Int32Array.from(rows)),
      pixels,
      samples: Array.from({ length: COUNT }, (_, row) => ({ sha256: String(row) })),
      learned: rows.map((row) => ({ row, classIndex: shapes.labels[row]! })),
    },
    recipe: () => ({
      network,
      origin: 'mlp',
      epochs: 4,
      settings: {
        epochs: 4,
        batchSize: 12,
        optimizer: 'sgd',
        learningRate: 0.05,
        momentum: 0.9,
        weightDecay: 0,
        schedule: 'constant',
        augmentation: ['crop'],
        patience: 0,
        seed: 3,
      },
    }),
    checkpointsPath: checkpointsPath(join(home, 'model')),
    modelId: 1,
    executor,
    path: join(home, 'members'),
    progress: () => undefined,
  };
}

/** An executor that must not be needed. */
export function idleExecutor({ profile }: Executor): Executor {
  return { profile, open: () => Promise.reject(new Error('nothing should be computed')) };
}
