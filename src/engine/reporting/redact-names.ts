/** @file A case and its materials with code names in the place of names. [Note: Code names] */
import type { CaseFile } from '../../contract/cases-service.ts';
import { mapTexts, type CodeName, nameReplacer, type ReplaceNames } from './code-names.ts';
import type { TrainingImage } from '../storage/training-images.ts';
import type { ReportMaterials } from './report-materials.ts';

/** Path of a training image → what stands for it. */
export function imageCodes(
  images: readonly Pick<TrainingImage, 'id' | 'path'>[],
): ReadonlyMap<string, string> {
  return new Map(images.map(({ id, path }) => [path, `image ${id}`]));
}

/** What people wrote; what the app computed, and tells by words of its own, stays. */
export function redactCase(caseFile: CaseFile, codes: readonly CodeName[]): CaseFile {
  const replace = nameReplacer(codes);
  const codeOf = new Map(
    codes.flatMap(({ code, kind, names }) => names.map((name) => [`${kind} ${name}`, code])),
  );
  const group = ({ groupId }: { readonly groupId: number }): string => `G${groupId}`;
  return {
    ...caseFile,
    name: replace(caseFile.name),
    question: replace(caseFile.question),
    groups: caseFile.groups.map((rights) => ({
      ...rights,
      name: group(rights),
      rightsHolder: rights.rightsHolder === '' ? '' : codeOf.get(`rights-holder ${rights.rightsHolder}`)!,
      licence: replace(rights.licence),
      note: replace(rights.note),
    })),
    copies:
      caseFile.copies === null ? null : { ...caseFile.copies, embedding: replace(caseFile.copies.embedding) },
    completeness: caseFile.completeness.map((one) => ({
      ...one,
      answeredBy: replace(one.answeredBy),
      basis: replace(one.basis),
      reviewer: replace(one.reviewer),
    })),
    shares: caseFile.shares.map((one) => ({
      ...one,
      groups: one.groups.map((each) => ({ ...each, name: group(each) })),
    })),
    controls: caseFile.controls.map((control) => ({ ...control, finding: replace(control.finding) })),
    exhibits: caseFile.exhibits.map((exhibit) => ({
      ...exhibit,
      caption: replace(exhibit.caption),
      judgements: exhibit.judgements.map((one) => ({
        ...one,
        note: replace(one.note),
        reviewer: replace(one.reviewer),
      })),
    })),
    notes: mapTexts(caseFile.notes, replace),
    decision: mapTexts(caseFile.decision, replace),
    events: caseFile.events.map((event) => ({
      ...event,
      text: replace(event.text),
      reviewer: replace(event.reviewer),
    })),
  };
}

export function redactMaterials(materials: ReportMaterials, codes: readonly CodeName[]): ReportMaterials {
  const { projectName, queries, models, runs, images, sources } = materials;
  const change = replacePathsAndNames(nameReplacer(codes), imageCodes(images));
  return {
    ...materials,
    projectName: change(projectName),
    queries: queries.map((query) => ({
      ...mapTexts(query, change),
      origin: query.origin,
      // Of an image that was made here the name says how; of a file it is what somebody called it.
      name: query.origin === 'file' ? `query ${query.id}` : change(query.name),
    })),
    models: models.map((model) => ({
      ...model,
      name: change(model.name),
      architecture: change(model.architecture),
    })),
    runs: runs.map((run) => ({
      ...run,
      config: mapTexts(run.config, change),
      summary: mapTexts(run.summary, change),
      notes: run.notes.map(change),
    })),
    images: images.map((image) => ({ ...image, path: `image ${image.id}` })),
    sources: sources.map((_, index) => `source ${index + 1}`),
  };
}

/** Of an event: everything in it but its number and its time. */
export function redactEvents<Event extends object>(
  events: readonly Event[],
  codes: readonly CodeName[],
  images: readonly Pick<TrainingImage, 'id' | 'path'>[],
): Event[] {
  const change = replacePathsAndNames(nameReplacer(codes), imageCodes(images));
  return events.map((event) => mapTexts(event, change));
}

function replacePathsAndNames(replace: ReplaceNames, paths: ReadonlyMap<string, string>): ReplaceNames {
  return (text) => paths.get(text) ?? replace(text);
}
