/** @file All that a report is made of. */
import type { CaseFile } from '../../contract/cases-service.ts';
import type { ChainedEvents } from '../exporting/event-chain.ts';
import type { ReportMaterials } from './report-materials.ts';

export interface ReportInput {
  readonly caseFile: CaseFile;
  readonly materials: ReportMaterials;
  /** The case's events, chained. */
  readonly chain: ChainedEvents;
  readonly writtenAt: string;
  readonly writtenBy: string;
}
