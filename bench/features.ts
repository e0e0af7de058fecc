/** @file Speed of projected per-sample gradients against the plain forward pass, weights baked in all. */
import type { Bench } from './bench.ts';
import { frozenContender, settings } from './contenders.ts';
import { measureSpeeds, speedTable } from './speed.ts';

const models = { cnn: settings.cnn64, resnet9: settings.resnet32 };
const kinds = ['forward', 'factorised', 'fold'] as const;
const FEATURES = 1024;

export const run: Bench = async ({ quick, seed }) => {
  const pairs = Object.entries(models).flatMap(([model, setting]) =>
    kinds.map((kind) => ({ model, setting, kind })),
  );
  const contenders = pairs.map(({ setting, kind }) =>
    frozenContender(setting, kind, { size: FEATURES, seed }),
  );
  const speeds = await measureSpeeds(contenders, quick ? 7 : 41);
  const perSecond = Object.fromEntries(
    pairs.map(({ model, kind }, index) => [
      `${model}.${kind}PerSecond`,
      speeds.speeds[index]!.samplesPerSecond,
    ]),
  );
  const ratios = Object.fromEntries(
    Object.keys(models).map((model) => [
      `${model}.factorisedOverFold`,
      perSecond[`${model}.factorisedPerSecond`]! / perSecond[`${model}.foldPerSecond`]!,
    ]),
  );
  return {
    figures: { ...perSecond, ...ratios, foreignLoad: speeds.foreignLoad },
    // Ratios within one run hold on a busy machine too.
    goals: Object.fromEntries(Object.keys(ratios).map((name) => [name, 1.5])),
    table: speedTable(speeds),
  };
};
