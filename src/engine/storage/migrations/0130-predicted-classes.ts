/** @file What each model finds most probable of each image, to filter, count and sort by. */

/** The class of the greatest of these probabilities (float32, little-endian), the first of equal ones. */
function mostProbable(bytes: Uint8Array, classIds: string): number | null {
  const { output } = greatest(bytes);
  return (JSON.parse(classIds) as number[])[output] ?? null;
}

function greatestProbability(bytes: Uint8Array): number | null {
  const { value } = greatest(bytes);
  return Number.isFinite(value) ? value : null;
}

function greatest(bytes: Uint8Array): { output: number; value: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [output, value] = [0, -Infinity];
  for (let index = 0; index < bytes.byteLength / 4; index++) {
    const probability = view.getFloat32(4 * index, true);
    if (probability > value) [output, value] = [index, probability];
  }
  return { output, value };
}

export const predictedClasses = {
  version: 130,
  functions: { mostProbable, greatestProbability },
  sql: `
-- Of the probabilities: the class of the greatest, and it.
ALTER TABLE predictions ADD COLUMN predictedClass INTEGER REFERENCES classes(id);
ALTER TABLE predictions ADD COLUMN confidence REAL;
UPDATE predictions SET
  predictedClass = mostProbable(probabilities, (SELECT m.classIds FROM models m WHERE m.id = modelId)),
  confidence = greatestProbability(probabilities);
CREATE INDEX predictionsByClass ON predictions(modelId, predictedClass, sampleId, outOfSample);
CREATE INDEX predictionsByConfidence ON predictions(modelId, confidence, sampleId);
CREATE INDEX issuesByScore ON issues(runId, score, sampleId);
`,
} as const;
