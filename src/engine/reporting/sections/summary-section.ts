/** @file One page in plain words: the question, what was examined, what was found by step of the ladder, and what that does not say. */
import { claimWords } from '../../../contract/claim-words.ts';
import { ClaimStep, stepNumber } from '../../../contract/claims.ts';
import type { CaseFile } from '../../../contract/cases-service.ts';
import type { Block, Section } from '../report-document.ts';
import type { ReportInput } from '../report-input.ts';
import { checkOfStep, counted } from './phrases.ts';

export function summarySection({ caseFile, materials }: ReportInput): Section {
  const { queryIds, modelIds, groups, decision } = caseFile;
  const blocks: Block[] = [
    askedBlock(caseFile),
    {
      kind: 'text',
      words: `Examined were ${counted(queryIds.length, 'query image')}, ${counted(modelIds.length, 'model')}, ${counted(materials.images.length, 'training image')} and ${counted(groups.length, 'group')} of training images.`,
    },
    { kind: 'text', words: controlsSentence(caseFile) },
    {
      kind: 'table',
      caption: 'What was found, from the weakest statement about the model to the strongest',
      head: ['Step', 'Name', 'Findings', 'What a finding of this step says'],
      figures: [2],
      rows: ClaimStep.options.map((step) => [
        String(stepNumber(step)),
        claimWords[step].heading,
        foundAt(caseFile, step),
        claimWords[step].says,
      ]),
    },
    {
      kind: 'note',
      words:
        'A finding of one step is no finding of the next. Steps 1 and 2 say nothing of the model, only of the images. Whence measures; what follows from it in law or in fairness is for people to say.',
    },
  ];
  if (decision !== null)
    blocks.push({
      kind: 'quote',
      text: decision.text,
      about: 'What the reviewers conclude',
      by: decision.reviewer,
      at: decision.at,
    });
  else blocks.push({ kind: 'text', words: 'The reviewers have written no conclusion.' });
  return { kind: 'section', id: 'summary', title: 'Summary', startsPage: true, blocks };
}

function askedBlock({ question, events }: CaseFile): Block {
  const opened = events.at(0);
  return {
    kind: 'quote',
    text: question,
    about: 'The question of the case',
    by: opened?.reviewer ?? 'not known',
    at: opened?.at ?? null,
  };
}

function controlsSentence({ controls, controlsMet }: CaseFile): string {
  if (controlsMet === true) return 'All controls were run and met.';
  const unmet = controls.filter(({ met }) => met === false).length;
  if (controlsMet === false)
    return `Controls not met: ${unmet} of ${controls.length}. Findings that rest on them are not relied on.`;
  return 'Not all controls were run: this is a draft.';
}

/** How many findings of a step are relied on; why there are none. */
function foundAt({ findings, runs }: CaseFile, step: ClaimStep): string {
  const found = findings.filter((finding) => finding.step === step && finding.supported).length;
  if (found > 0) return String(found);
  const checks: readonly string[] = step === 'influence' ? ['influence', 'groups'] : [checkOfStep[step]];
  const ran = runs.some(({ check, status }) => checks.includes(check) && status === 'finished');
  return ran ? 'none' : 'not examined';
}
