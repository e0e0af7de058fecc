/** @file A case and its materials → what a report says. Pure: the same in, the same out. */
import type { CaseFile } from '../../contract/cases-service.ts';
import type { Block, ReportDocument } from './report-document.ts';
import type { ReportInput } from './report-input.ts';
import { annexSection, limitationsSection, repeatSection } from './sections/closing-sections.ts';
import { agreementSection, controlsSection } from './sections/controls-sections.ts';
import { materialsSection } from './sections/materials-section.ts';
import { methodSection } from './sections/method-section.ts';
import {
  completenessSection,
  evidenceSection,
  exhibitsSection,
  reviewSection,
} from './sections/record-sections.ts';
import { resultsSection } from './sections/results-section.ts';
import { summarySection } from './sections/summary-section.ts';
import { code, named } from './words.ts';
import { timeWords } from './sections/phrases.ts';

export function buildReport(input: ReportInput): ReportDocument {
  return {
    caseName: input.caseFile.name,
    draft: draftReason(input.caseFile),
    writtenAt: input.writtenAt,
    writtenBy: input.writtenBy,
    cover: coverBlocks(input),
    sections: [
      summarySection(input),
      materialsSection(input),
      completenessSection(input),
      evidenceSection(input),
      methodSection(input),
      resultsSection(input),
      controlsSection(input),
      agreementSection(input),
      exhibitsSection(input),
      reviewSection(input),
      limitationsSection(input),
      repeatSection(input),
      annexSection(),
    ],
  };
}

/** Why a report is a draft: null where all controls were run and met. */
export function draftReason({ controlsMet }: CaseFile): string | null {
  if (controlsMet === true) return null;
  return controlsMet === false ? 'Controls not met.' : 'Not all controls were run.';
}

function coverBlocks({ caseFile, materials, chain }: ReportInput): Block[] {
  const { id, status, createdAt, codeNames, exhibits, controlsMet } = caseFile;
  const redacted = exhibits.filter((exhibit) => exhibit.redacted).length;
  return [
    {
      kind: 'facts',
      rows: [
        ['Case', `${id}, ${status}, opened ${timeWords(createdAt)}`],
        ['Project', [named(materials.projectName)]],
        ['Controls', controlsMet === true ? 'met' : controlsMet === false ? 'not met' : 'not all run'],
        [
          'Exhibits',
          redacted === 0 ? String(exhibits.length) : `${exhibits.length}, of which ${redacted} redacted`,
        ],
        [
          'Names',
          codeNames
            ? 'Groups and rights-holders stand under code names; the key is a file of its own.'
            : 'as given',
        ],
        ['Last event of the chain', [code(chain.head)]],
        ['Made by', ['Whence ', code(materials.environment['whence'] ?? '')]],
      ],
    },
  ];
}
