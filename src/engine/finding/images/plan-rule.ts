/** @file What a rule does to one issue: which of its images it excludes. */
import type { IssueRule } from '../../../contract/issue-kinds.ts';
import type { SampleId, Split } from '../../../contract/vocabulary.ts';

/** What rules look at. */
export interface RuledImage {
  readonly id: SampleId;
  readonly split: Split;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly excluded: boolean;
}

type Plan = (present: readonly RuledImage[]) => readonly RuledImage[] | null;

/** Over the images that are not excluded yet. */
const plans: Readonly<Record<IssueRule, Plan>> = {
  'keep-largest': (present) => {
    const [, ...smaller] = present.toSorted(
      (a, b) => b.width * b.height - a.width * a.height || b.bytes - a.bytes || a.id - b.id,
    );
    return smaller;
  },
  'keep-first': (present) => present.toSorted((a, b) => a.id - b.id).slice(1),
  'keep-train': (present) => otherSide(present, (image) => image.split === 'train'),
  'exclude-train': (present) => otherSide(present, (image) => image.split !== 'train'),
  'exclude-all': (present) => present,
  'keep-all': () => [],
};

/** The images to exclude; null: the rule has nothing to say about this issue. */
export function planRule(rule: IssueRule, images: readonly RuledImage[]): SampleId[] | null {
  const excluded = plans[rule](images.filter((image) => !image.excluded));
  return excluded?.map(({ id }) => id) ?? null;
}

/** Those that are not to stay, where there are some that are. */
function otherSide(
  present: readonly RuledImage[],
  stays: (image: RuledImage) => boolean,
): readonly RuledImage[] | null {
  const others = present.filter((image) => !stays(image));
  const isDecided = others.length < present.length && (others.length > 0 || present.length === 1);
  return isDecided ? others : null;
}
