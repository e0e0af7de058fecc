/** @file A case over a real project: images that a small model made, an image from elsewhere, a group, two runs, a redacted exhibit. */
import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Clients } from '../src/contract/client.ts';
import { createLocalTransport } from '../src/contract/local-transport.ts';
import { createServer } from '../src/contract/server.ts';
import { engineServices, type EngineServices } from '../src/contract/services.ts';
import { setOfSamples } from '../src/contract/sample-set.ts';
import type { CaseId, ModelId, QueryId, RunId, SampleId } from '../src/contract/vocabulary.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import { makeGenerativeProject, type GenerativeProject } from './generative-project.ts';

/** Distinctive, so that a test can look for them. */
export const realNames = { holder: 'Zanthe Quillfeather', group: 'Marsh Vermilion Club' } as const;

export interface RealCase {
  readonly project: GenerativeProject;
  readonly client: Clients<EngineServices>;
  readonly caseId: CaseId;
  /** Where Whence keeps what it remembers, and where a test may write. */
  readonly home: string;
  /** Original of the training image of the exhibit; its folder is called like the rights-holder. */
  readonly sampleFile: string;
  remove(): Promise<void>;
}

export async function makeRealCase(): Promise<RealCase> {
  const project = await makeGenerativeProject({
    train: 10,
    test: 4,
    classCount: 2,
    queries: 2,
    change: callFolderLikeHolder,
  });
  const home = mkdtempSync(join(tmpdir(), 'whence-reports-'));
  const engine = createEngine({ homePath: home, resourcesPath: home, projectsPath: home });
  const server = createServer(engineServices, engine.handlers, { checkResults: true });
  const wire = createLocalTransport();
  server.attach(wire.far);
  const client = createClient(engineServices, wire.near);
  await client.projects.open({ path: project.path });
  const folder = join(project.sourcePath, 'train', 'zanthe_quillfeather');
  const sampleFile = join(folder, readdirSync(folder).sort()[0]!);
  const remove = async (): Promise<void> => {
    await engine.dispose();
    project.remove();
    rmSync(home, { recursive: true, force: true });
  };
  return {
    project,
    client,
    home,
    sampleFile,
    remove,
    caseId: await openCase(project, client, join(home, `${realNames.holder} heron.png`), sampleFile),
  };
}

function callFolderLikeHolder(sourcePath: string): void {
  const [first] = readdirSync(join(sourcePath, 'train')).sort();
  renameSync(join(sourcePath, 'train', first!), join(sourcePath, 'train', 'zanthe_quillfeather'));
}

const MODEL = 1 as ModelId;

async function openCase(
  project: GenerativeProject,
  client: Clients<EngineServices>,
  asked: string,
  sampleFile: string,
): Promise<CaseId> {
  const { cases } = client;
  copyFileSync(sampleFile, asked);
  const { added } = await client.queries.addFiles({ paths: [asked] });
  const sampleIds = project.folder.connection
    .prepare("SELECT id FROM samples WHERE path LIKE '%zanthe_quillfeather/%' ORDER BY path")
    .pluck()
    .all() as SampleId[];
  const rule = { kind: 'selection' as const, images: setOfSamples(sampleIds.slice(0, 3)) };
  const groupId = await client.groups.define({ name: realNames.group, rule });
  const runs = [
    ['copies', await runOf(project, 'find-copies', { nearest: 3, aligned: 3 })],
    [
      'groups',
      await runOf(project, 'attribute-groups', {
        method: 'pixel-mean',
        groups: [groupId],
        controls: 3,
        timestepCount: 5,
      }),
    ],
    [
      'influence',
      await runOf(project, 'attribute-queries', {
        method: 'grad-dot',
        timestepCount: 2,
        projectionSize: 16,
        topCount: 5,
      }),
    ],
  ] as const;
  const caseId = await cases.open({
    name: `${realNames.group} v. us`,
    question: `Is this heron by ${realNames.holder}?`,
  });
  const queryIds: QueryId[] = [...project.queryIds, ...added];
  await cases.change({ caseId, queryIds, modelIds: [MODEL] });
  const rights = {
    groupId,
    rightsHolder: realNames.holder,
    licence: 'none',
    optOut: 'opted-out',
    note: `asked ${realNames.holder}`,
  } as const;
  await cases.setRights({ caseId, rights });
  await cases.takeManifest({ caseId });
  for (const [check, runId] of runs) await cases.linkRun({ caseId, check, runId });
  const exhibit = {
    queryId: queryIds.at(-1)!,
    sampleId: sampleIds[0]!,
    groupId: null,
    caption: 'The heron of zanthe-quillfeather',
  };
  await cases.addExhibits({ caseId, exhibits: [exhibit] });
  await cases.changeExhibit({ caseId, number: 1, redacted: true });
  await cases.judge({ caseId, number: 1, judgement: { verdict: 'same-image', note: 'Quillfeather’s hand' } });
  return caseId;
}

async function runOf(project: GenerativeProject, kind: string, config: object): Promise<RunId> {
  return (await project.runHere({ kind, config })).id;
}
