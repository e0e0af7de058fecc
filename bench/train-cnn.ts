/** @file Speed of training steps: CNN on images shaped like Fashion-MNIST, ResNet-9 on 32 × 32 colour images. */
import type { Bench } from './bench.ts';
import { settings, trainingContender } from './contenders.ts';
import { measureSpeeds, speedTable } from './speed.ts';

const runs = {
  cnn64PerSecond: settings.cnn64,
  cnn128PerSecond: settings.cnn128,
  resnet9x64PerSecond: settings.resnet64,
};

export const run: Bench = async ({ quick, seed }) => {
  const contenders = Object.values(runs).map((setting) => trainingContender(setting, seed));
  const speeds = await measureSpeeds(contenders, quick ? 7 : 41);
  const figures = Object.fromEntries(
    Object.keys(runs).map((figure, index) => [figure, speeds.speeds[index]!.samplesPerSecond]),
  );
  return { figures: { ...figures, foreignLoad: speeds.foreignLoad }, goals: {}, table: speedTable(speeds) };
};
