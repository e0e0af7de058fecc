/** @file Copyright cases in words. What is said of findings is in contract/claim-words.ts, and nowhere else. */
import type {
  CaseCheck,
  CompletenessAnswer,
  CompletenessQuestion,
  CopyMatch,
  GroupRights,
  Judgement,
  MethodAgreement,
  Placement,
} from '../../../contract/cases-service.ts';
import { formatPercent } from '../../format/numbers.ts';
import type { CasePart, PartState } from '../../state/case-parts.ts';

interface PartWords {
  readonly title: string;
  /** What is done in it, and what for. */
  readonly about: string;
}

export const partWords: Readonly<Record<CasePart, PartWords>> = {
  materials: {
    title: 'Question and materials',
    about:
      'What is asked, about which images, which model, and whose works. The manifest takes the training images down as they are now.',
  },
  completeness: {
    title: 'Completeness',
    about:
      'No search can find what is not here. Three questions that only people can answer, each with who says so and on what basis.',
  },
  copies: {
    title: 'Near-copies',
    about:
      'Each query image is held against every training image: the same file, the same pixels, the same picture once it is shifted, scaled, cropped or mirrored; and which images look most alike.',
  },
  influence: {
    title: 'Estimated influence',
    about:
      'Which training images the model’s way to the query depends on, by estimate. Two methods at least: what only one of them says is weak.',
  },
  groups: {
    title: 'Group shares',
    about:
      'How much the query depends on each group, held against random groups of the same size. What no group stands out for stays unattributed.',
  },
  removal: {
    title: 'Removal test',
    about:
      'The model is trained again without one group, and the difference is measured. It takes long, and is the only step that measures instead of estimating.',
  },
  controls: {
    title: 'Controls',
    about:
      'Images of which the answer is known are asked about beside the queries. Where a control fails, findings of that check are shown, and not relied on.',
  },
  exhibits: {
    title: 'Exhibits',
    about:
      'What the report will show: a query beside a training image, or beside a group. Each keeps its number, also where it is withdrawn.',
  },
  review: {
    title: 'Review',
    about:
      'People look, and say what they see. Judgements, notes and the decision are quoted in the report as theirs.',
  },
  report: {
    title: 'Report',
    about:
      'Everything above as one file that can be read without Whence, and checked years later. A closed case takes no more changes.',
  },
};

export const stateWords: Readonly<Record<PartState, string>> = {
  'to-do': 'To do',
  running: 'Running',
  done: 'Done',
  outdated: 'Outdated',
  'not-met': 'Not met',
  optional: 'Optional',
};

export const checkVerbs: Readonly<Record<CaseCheck, string>> = {
  copies: 'Search',
  influence: 'Estimate',
  groups: 'Run',
  removal: 'Measure',
};

export const runStatusWords = {
  queued: 'Waiting',
  running: 'Running',
  finished: 'Finished',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
} as const;

export const relationWords: Readonly<Record<CopyMatch['relation'], string>> = {
  'same-file': 'The same file',
  'same-pixels': 'The same pixels in another file',
  aligned: 'Agrees once it is laid over the query',
  alike: 'Looks alike',
};

export const questionWords: Readonly<Record<CompletenessQuestion, string>> = {
  'training-set': 'Is this the whole training set?',
  model: 'Is this the model in question?',
  queries: 'Are the query images what the model made?',
};

export const answerWords: Readonly<Record<CompletenessAnswer['answer'], string>> = {
  yes: 'Yes',
  no: 'No',
  unknown: 'Not known',
};

export const optOutWords: Readonly<Record<GroupRights['optOut'], string>> = {
  'opted-out': 'Opted out',
  'not-opted-out': 'Not opted out',
  unknown: 'Not known',
};

export const verdictWords: Readonly<Record<Judgement['verdict'], string>> = {
  'same-image': 'Same image',
  'same-subject': 'Same subject',
  'same-style': 'Same style',
  'no-resemblance': 'No resemblance',
  unsure: 'Unsure',
};

/** How common it is among the training images to have another one this near. */
export function commonnessText(commonness: number): string {
  const share = formatPercent(commonness);
  if (commonness < 0.02) return `Unusual: ${share} of the training images have another one at least as near.`;
  if (commonness < 0.2) return `Uncommon: ${share} of the training images have another one at least as near.`;
  return `Common: ${share} of the training images have another one at least as near.`;
}

/** 'Mirrored; covers 64% of the query'. */
export function placementText({ mirrored, query, sample }: Placement): string {
  const covered = formatPercent(query.width * query.height);
  const used = formatPercent(sample.width * sample.height);
  return mirrored
    ? `Mirrored; ${used} of the training image covers ${covered} of the query.`
    : `${used} of the training image covers ${covered} of the query.`;
}

/** What two methods agree on, in words; null figures are left open. */
export function agreementCells({ top10, top50, sameSign }: MethodAgreement): readonly string[] {
  return [top10, top50, sameSign].map((share) => (share === null ? '–' : formatPercent(share)));
}
