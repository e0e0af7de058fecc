/** @file Words for runs. */
import type { Run } from '../../../contract/runs-service.ts';
import { formatDuration, formatTimeLeft } from '../../format/durations.ts';
import { formatFigure } from '../../format/numbers.ts';
import { translateSaid } from '../../texts/translate.svelte.ts';
import { providerNames } from '../parts/provider-words.ts';
import { fileName } from '../../format/paths.ts';

const kindTitles = {
  import: 'Import images',
  train: 'Train model',
  attribute: 'Estimate influence',
  issues: 'Rank label issues',
  'find-issues': 'Look for image issues',
  evaluate: 'Add model',
  'evaluate-denoiser': 'Add generative model',
  select: 'Choose subset',
  map: 'Make map',
  'find-alike': 'Find alike',
  'evaluate-lds': 'Measure attribution',
  'evaluate-loo': 'Leave images out',
  'evaluate-brittleness': 'Remove proponents',
  'evaluate-mislabel-auc': 'Plant label errors',
  'evaluate-selection': 'Compare selections',
  distil: 'Distil synset',
  'query-datamodel': 'Ask a synset',
  'evaluate-ddm': 'Leave clusters out',
  'train-denoiser': 'Train generative model',
  'sample-images': 'Make images',
  'attribute-queries': 'Trace to images',
  'attribute-groups': 'Trace to groups',
  'find-copies': 'Look for near-copies',
  'evaluate-generative-lds': 'Measure attribution',
  'evaluate-groups': 'Compare rankings of groups',
  'evaluate-counterfactual': 'Make images again',
} as const satisfies Record<Run['kind'], string>;

export const statusWords = {
  queued: 'Waiting',
  running: 'Running',
  finished: 'Finished',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
} as const satisfies Record<Run['status'], string>;

export function runTitle(run: Pick<Run, 'kind'>): string {
  return kindTitles[run.kind];
}

/** What the run works on or with: 'fashion', 'cnn', 'trak · CUDA'. */
export function runSubject(run: Run): string {
  const subject = run.config['sourcePath'] ?? run.config['architecture'] ?? run.config['method'];
  const words = typeof subject === 'string' ? [fileName(subject)] : [];
  if (run.provider !== null && run.provider !== 'cpu') words.push(providerNames[run.provider]);
  return words.join(' · ');
}

/** 'Epoch 3 of 12 · about 40 s left'. */
export function progressText(run: Run): string {
  if (run.status === 'queued') return 'Waiting for its turn';
  const { secondsLeft = null } = run.progress ?? {};
  const stage = run.progress === null ? 'Starting' : translateSaid(run.progress.stage);
  return secondsLeft === null ? stage : `${stage} · ${formatTimeLeft(secondsLeft)}`;
}

export function elapsedText(run: Run): string {
  if (run.startedAt === null || run.finishedAt === null) return '';
  return formatDuration((Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000);
}

/** A few figures of what came out: 'images 3,006 · problems 2'. */
export function figuresText(figures: Readonly<Record<string, number | string | null>>): string {
  return Object.entries(figures)
    .filter(
      (figure): figure is [string, number] => typeof figure[1] === 'number' && !figure[0].endsWith('Id'),
    )
    .slice(0, 4)
    .map(([name, value]) => `${humanName(name)} ${formatFigure(value)}`)
    .join(' · ');
}

/** 'testAccuracy' → 'test accuracy'. */
function humanName(name: string): string {
  return translateSaid(name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());
}
