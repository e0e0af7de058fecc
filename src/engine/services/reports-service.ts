/** @file Reports of cases: shown, written, signed with this machine's key, and checked. */
import type { reports } from '../../contract/reports-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { buildReport } from '../reporting/build-report.ts';
import { renderReport } from '../reporting/render-report.ts';
import { compareRerun, prepareRerun } from '../reporting/rerun.ts';
import { readPublicKey } from '../reporting/signing.ts';
import { verifyReport } from '../reporting/verify-report.ts';
import { prepareReport, writeReport, type ReportWriter } from '../reporting/write-report.ts';
import type { EngineContext } from './engine-context.ts';

export function makeReportsHandlers(context: EngineContext): Handlers<typeof reports> {
  const writer = (): ReportWriter => ({
    writtenBy: context.machine.reviewer,
    writtenAt: new Date().toISOString(),
    homePath: context.machine.homePath,
  });
  return {
    preview: async ({ caseId }, signal) => {
      const { input } = await prepareReport(context.project.folder, caseId, writer(), signal);
      const report = buildReport(input);
      return { html: renderReport(report), draft: report.draft !== null };
    },
    write: (request, signal) => writeReport(context.project.folder, request, writer(), signal),
    verify: ({ path, withProject }, signal) =>
      verifyReport(path, withProject ? context.project.folder : null, signal),
    prepareRerun: ({ path }) => prepareRerun(context.project.folder, path),
    compareRerun: ({ path, runId, repeatedRunId }) =>
      compareRerun(context.project.folder, path, runId, repeatedRunId),
    publicKey: () => readPublicKey(context.machine.homePath),
  };
}
