import { drawSubsetMasks } from '../src/core/evaluation/subset-masks.ts';
import { StudyModels, readStudyData, studyExecutor, studySettings } from './diffusion/study.ts';
const data = await readStudyData({ trainPerClass: 50, heldOutPerClass: 20 }, 0);
const models = new StudyModels(await studyExecutor(), data, studySettings);
const note = (name: string, s: number) =>
  console.log(new Date().toISOString().slice(11, 19), name, s.toFixed(1));
const which = process.argv.slice(2);
const strata = Array.from(data.trainRows, (r) => data.labels[r]!);
const masks = drawSubsetMasks({
  sampleCount: data.trainRows.length,
  subsetCount: 32,
  share: 0.5,
  seed: 0,
  strata,
});
for (const w of which) {
  if (w === 'main') note('main', (await models.trainedOn(data.trainRows, 'main')).seconds);
  const [kind, rep] = w.split(':');
  if (kind === 'logo')
    for (let g = 0; g < 10; g++)
      note(
        `logo ${g} ${rep}`,
        (
          await models.trainedOn(
            data.trainRows.filter((r) => data.labels[r] !== g),
            `repeat ${rep}`,
          )
        ).seconds,
      );
  if (kind === 'lds')
    for (let m = 0; m < 32; m++)
      note(
        `lds ${m} ${rep}`,
        (
          await models.trainedOn(
            data.trainRows.filter((_, i) => masks[m]![i] === 1),
            `repeat ${rep}`,
          )
        ).seconds,
      );
}
