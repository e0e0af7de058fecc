/** @file In which order clusters may go: those first that a synset would miss least, beside those that are gone. */
import { leaveOut } from '../../core/attribution/datamodel/masks.ts';
import { mean } from '../../core/linalg/ranks.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { askSynset, type SynsetQuestion } from './ask-synset.ts';
import { outputChanges } from './output-changes.ts';

export interface Usefulness {
  readonly model: SynsetQuestion['model'];
  readonly artifact: SynsetQuestion['artifact'];
  readonly training: SynsetQuestion['training'];
  /** Labelled images whose loss tells what is missed. */
  readonly asked: readonly LabelledRow[];
  /** Share of the clusters that is put in order; never all of them, since the last has to stay. */
  readonly share: number;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Share of the clusters that go in one round, before the synset is asked again. */
const ROUND = 0.1;

/**
 * Clusters in the order in which they may go, at most all but one: in each round those without which, beside those that are gone, the loss of the images asked
 * about is least. Asked one by one of the whole set, clusters that can stand in for each other would all seem useless.
 */
export async function leastUsefulFirst(
  tools: Pick<ComputeTools, 'executor' | 'matrixEngine'>,
  { model, artifact, training, asked, share, signal, onProgress }: Usefulness,
): Promise<number[]> {
  const clusterCount = artifact.synset.sizes.length;
  const wanted = Math.min(clusterCount - 1, Math.round(share * clusterCount));
  const perRound = Math.max(1, Math.round(ROUND * clusterCount));
  const rows = Int32Array.from(asked, ({ row }) => row);
  const gone: number[] = [];
  while (gone.length < wanted) {
    const left = Array.from({ length: clusterCount }, (_, cluster) => cluster).filter(
      (cluster) => !gone.includes(cluster),
    );
    const masks = leaveOut(
      left.map((cluster) => [...gone, cluster]),
      clusterCount,
    );
    const answer = await askSynset(tools, { model, artifact, masks, training, rows, signal });
    const { data } = outputChanges(answer, asked, 'loss');
    const gains = left.map((_, mask) => mean(data.subarray(mask * rows.length, (mask + 1) * rows.length)));
    const order = [...left.keys()].sort((a, b) => gains[b]! - gains[a]!);
    const going = order.slice(0, Math.min(perRound, wanted - gone.length));
    gone.push(...going.map((place) => left[place]!));
    onProgress?.(gone.length / wanted);
  }
  return gone;
}
