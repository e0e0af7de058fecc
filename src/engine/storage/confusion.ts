/** @file What a model says of images of each class: the confusion matrix, with the query behind every cell. */
import type { ConfusionMatrix } from '../../contract/models-service.ts';
import { quoteText } from '../../core/query/print-query.ts';
import type { ClassId, ModelId } from '../../contract/vocabulary.ts';
import { classNames } from './classes.ts';
import type { Connection } from './connection.ts';
import { readModel } from './models.ts';

export interface ConfusionRequest {
  readonly modelId: ModelId;
  /** Rows: the label after all decisions, or as imported. */
  readonly by: ConfusionMatrix['by'];
  /** Only predictions made without having trained on the image. */
  readonly unseenOnly: boolean;
}

const labelColumns = { label: 's.label', given_label: 's.givenLabel' } as const;

/** Images without a label or a prediction are in no cell. */
export function countConfusion(connection: Connection, request: ConfusionRequest): ConfusionMatrix {
  const { modelId, by, unseenOnly } = request;
  readModel(connection, modelId);
  const label = labelColumns[by];
  const unseen = unseenOnly ? 'AND p.outOfSample = 1' : '';
  const counts = connection
    .prepare(
      `SELECT ${label} AS label, p.predictedClass AS predicted, count(*) AS count
       FROM predictions p JOIN samples s ON s.id = p.sampleId
       WHERE p.modelId = ? AND p.predictedClass IS NOT NULL AND ${label} IS NOT NULL ${unseen}
       GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    .all(modelId) as { label: ClassId; predicted: ClassId; count: number }[];
  const names = classNames(connection);
  const cells = counts.map((cell) => ({
    ...cell,
    query:
      `${by} = ${quoteText(names.get(cell.label)!)} and predicted(${modelId}) = ${quoteText(names.get(cell.predicted)!)}` +
      (unseenOnly ? ` and unseen(${modelId})` : ''),
  }));
  return { by, unseenOnly, cells, unseenCount: unseenCount(connection, modelId) };
}

function unseenCount(connection: Connection, modelId: ModelId): number {
  return connection
    .prepare(
      'SELECT count(*) FROM predictions WHERE modelId = ? AND predictedClass IS NOT NULL AND outOfSample = 1',
    )
    .pluck()
    .get(modelId) as number;
}
