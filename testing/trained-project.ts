/** @file A project with a small model that was trained on tiny images: something to attribute and to evaluate in a test. */
import { makeShapesProject, type ShapesProject, type ShapesProjectOptions } from './shapes-project.ts';

export type TrainedProject = ShapesProject;

export interface TrainedProjectOptions extends ShapesProjectOptions {
  /** Of the training run. */
  readonly config: Readonly<Record<string, unknown>>;
}

export async function makeTrainedProject({
  config,
  ...options
}: TrainedProjectOptions): Promise<TrainedProject> {
  const project = await makeShapesProject(options);
  await project.run({ kind: 'train', config: { folds: 0, ...config } });
  return project;
}
