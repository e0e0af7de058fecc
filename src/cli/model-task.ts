/** @file Which kind of model a command that serves both kinds is asked about. */
import { AttributionMethod } from '../contract/attribution-choices.ts';
import { DiffusionMethod } from '../contract/generation-configs.ts';
import type { Session } from './session.ts';

interface AskedMethod {
  readonly method: string;
  /** Not given: the newest. */
  readonly modelId?: number;
}

/** Told by the method where only one kind of model has it, else by the model: the one that was named, or the newest that has the method. */
export async function asksGenerativeModel(
  { client }: Pick<Session, 'client'>,
  { method, modelId }: AskedMethod,
): Promise<boolean> {
  const isOfClassifiers = AttributionMethod.safeParse(method).success;
  const isOfQueries = DiffusionMethod.safeParse(method).success;
  const models = await client.models.list();
  const model =
    modelId === undefined
      ? models.find(({ task }) => (task === 'classify' ? isOfClassifiers : isOfQueries))
      : models.find(({ id }) => id === modelId);
  return !isOfClassifiers || (isOfQueries && model?.task === 'generate');
}
