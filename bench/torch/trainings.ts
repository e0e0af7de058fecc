/** @file The training steps that are compared: our program, and the same task for PyTorch. */
import { settings, sgd, trainingContender, type Setting } from '../contenders.ts';
import type { Contender } from '../speed.ts';
import { uNetContender } from '../u-net.ts';
import { tensorsOf, type TorchTask } from './task.ts';

interface Training {
  readonly contender: (seed: number) => Contender;
  readonly task: (contender: Contender) => Omit<TorchTask, 'layout' | 'threads'>;
}

const uNet = { channels: 1, imageSize: 28, batchSize: 32 } as const;

export const trainings = {
  cnn64: ofClassifier(settings.cnn64),
  cnn128: ofClassifier(settings.cnn128),
  resnet9x64: ofClassifier(settings.resnet64),
  unet32: {
    contender: (seed) => uNetContender(uNet, seed),
    task: ({ feeds }) => ({
      work: 'training',
      architecture: 'unet',
      image: [uNet.channels, uNet.imageSize],
      tensors: tensorsOf(feeds, ['images', 'targets', 'parameters', 'time']),
    }),
  },
} as const satisfies Record<string, Training>;

export type TrainingName = keyof typeof trainings;

function ofClassifier(setting: Setting): Training {
  const { architecture, channels, imageSize } = setting;
  return {
    contender: (seed) => trainingContender(setting, seed),
    task: ({ feeds }) => ({
      work: 'training',
      architecture,
      image: [channels, imageSize],
      tensors: tensorsOf(feeds, ['images', 'targets', 'parameters']),
      sgd,
    }),
  };
}
