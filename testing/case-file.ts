/** @file A case made by hand, with something in every part, and what a report of it is made of. */
import sharp from 'sharp';
import { CaseFile } from '../src/contract/cases-service.ts';
import { chainEvents } from '../src/engine/exporting/event-chain.ts';
import type { ReportInput } from '../src/engine/reporting/report-input.ts';
import type { ReportMaterials, ReportPicture } from '../src/engine/reporting/report-materials.ts';

const at = '2026-11-30T08:00:00.000Z';
const person = { reviewer: 'Ada Reviewer', at };
/** Distinctive, so that a test can look for them. */
export const madeNames = {
  group: 'Quillfeather School',
  holder: 'Estate of Zanthe Quillfeather',
  other: 'Marsh Vermilion',
} as const;

const score = {
  ...{ groupId: 1, raw: 4.25, perImage: 0.0425, deviation: 0.5, percentile: 1, pValue: 0.02 },
  ...{ band: { low: -0.5, median: 0.1, high: 1.2 }, standsOut: true, share: 0.42 },
};

export const caseEvents = [
  {
    eventId: 3,
    at,
    reviewer: 'Ada Reviewer',
    text: `Opened case 1: The ${madeNames.group} case`,
    payload: { caseId: 1, action: 'open', name: `The ${madeNames.group} case`, question: 'Where from?' },
  },
  {
    eventId: 4,
    at,
    reviewer: 'Ada Reviewer',
    text: `Case 1: noted rights of ${madeNames.group}`,
    payload: {
      caseId: 1,
      action: 'set-rights',
      groups: [
        {
          groupId: 1,
          name: madeNames.group,
          memberCount: 100,
          rightsHolder: madeNames.holder,
          licence: '',
          optOut: 'opted-out',
          note: '',
        },
      ],
    },
  },
  {
    eventId: 7,
    at,
    reviewer: 'Ada Reviewer',
    text: 'Case 1: added exhibit 1',
    payload: {
      caseId: 1,
      action: 'add-exhibits',
      exhibits: [{ number: 1, samplePath: 'quillfeather/heron.png' }],
    },
  },
  {
    eventId: 9,
    at,
    reviewer: 'Ada Reviewer',
    text: 'Case 1: judged exhibit 1',
    payload: {
      caseId: 1,
      action: 'judge',
      number: 1,
      judgement: { verdict: 'same-image', note: 'plainly the same heron' },
    },
  },
];

/** Parsed by the contract, so that it cannot fall behind it. */
export function makeCaseFile(changes: Partial<CaseFile> = {}): CaseFile {
  return { ...CaseFile.parse(written), ...changes };
}

const copyMatch = { hashDistance: 3, commonness: 0.01 };
const written = {
  ...{
    id: 1,
    name: `The ${madeNames.group} case`,
    status: 'open',
    queryCount: 2,
    exhibitCount: 2,
    controlsMet: true,
  },
  question: `Did the model take this heron from ${madeNames.holder}? It looks copied.`,
  ...{ createdAt: at, changedAt: at, queryIds: [1, 2], modelIds: [1] },
  groups: [
    {
      groupId: 1,
      name: madeNames.group,
      memberCount: 100,
      rightsHolder: madeNames.holder,
      licence: 'all rights reserved',
      optOut: 'opted-out',
      note: 'asked by letter',
      source: 'person',
    },
    {
      groupId: 2,
      name: madeNames.other,
      memberCount: 40,
      rightsHolder: '',
      licence: '',
      optOut: 'unknown',
      note: '',
      source: 'columns',
    },
  ],
  manifest: { imageCount: 3, missingCount: 1, sha256: 'ab'.repeat(32), unchanged: true, at },
  completeness: [
    {
      question: 'training-set',
      answer: 'yes',
      answeredBy: 'Grace Engineer, head of data',
      basis: 'The list of the training job.',
      ...person,
    },
  ],
  runs: [
    { check: 'copies', runId: 5, status: 'finished', outdated: false, covers: [1, 2] },
    { check: 'influence', runId: 6, status: 'finished', outdated: false, covers: [1] },
    { check: 'groups', runId: 8, status: 'finished', outdated: false, covers: [1] },
  ],
  copies: {
    ...{ runId: 5, config: {}, embedding: 'pixels', imageCount: 3 },
    queries: [
      {
        ...{ queryId: 1, role: 'query', sampleId: null, change: '', commonness: 0.01 },
        matches: [
          {
            sampleId: 11,
            relation: 'aligned',
            rank: 1,
            similarity: 0.98,
            agreement: 0.97,
            placement: {
              mirrored: true,
              query: { x: 0, y: 0, width: 1, height: 0.8 },
              sample: { x: 0, y: 0, width: 1, height: 1 },
            },
            step: 'near-copy',
            ...copyMatch,
          },
          {
            sampleId: 12,
            relation: 'alike',
            rank: 2,
            similarity: 0.7,
            agreement: 0.4,
            placement: null,
            step: 'alike',
            ...copyMatch,
          },
        ],
      },
      {
        queryId: -1,
        role: 'unrelated',
        sampleId: null,
        change: '',
        commonness: null,
        matches: [
          {
            sampleId: 12,
            relation: 'alike',
            rank: 1,
            similarity: 0.2,
            agreement: null,
            placement: null,
            step: 'alike',
            ...copyMatch,
          },
        ],
      },
    ],
  },
  influence: [6, 7].map((runId) => ({
    ...{
      runId,
      modelId: 1,
      method: runId === 6 ? 'd-trak' : 'trak',
      title: runId === 6 ? 'D-TRAK' : 'TRAK',
      step: 'influence',
    },
    queries: [
      {
        queryId: 1,
        proponents: [
          { sampleId: 11, score: 3.5, deviation: 0.25, standing: 4.1, percentile: 0.999, nullPercentile: 1 },
          {
            sampleId: 12,
            score: 1.5,
            deviation: null,
            standing: null,
            percentile: null,
            nullPercentile: null,
          },
        ],
      },
    ],
  })),
  agreement: [{ queryId: 1, firstRunId: 6, secondRunId: 7, top10: 0.7, top50: null, sameSign: 0.95 }],
  shares: (['influence', 'removal'] as const).map((step, index) => ({
    ...{ runId: 8 + index, modelId: 1, title: index === 0 ? 'GUDA' : 'Training again (LOGO)', step },
    groups: [
      { groupId: 1, name: madeNames.group, size: 100 },
      { groupId: 2, name: madeNames.other, size: 40 },
    ],
    queries: [
      {
        queryId: 1,
        unattributed: 0.58,
        verdict: 'attributed',
        scores: [score, { ...score, groupId: 2, raw: 0.3, standsOut: false, share: 0 }],
      },
      {
        queryId: 2,
        unattributed: 1,
        verdict: 'diffuse',
        scores: [{ ...score, raw: 0.2, standsOut: false, share: 0 }],
      },
    ],
  })),
  controls: [
    {
      name: 'known-training-image',
      check: 'copies',
      runId: 5,
      met: true,
      finding: '4 of 4 training images were found as they are.',
    },
    {
      name: 'random-groups',
      check: 'groups',
      runId: 8,
      met: true,
      finding: `Random groups of the size of ${madeNames.group} stay below it.`,
    },
  ],
  findings: [
    {
      key: 'near-copy 1 image 11',
      step: 'near-copy',
      queryId: 1,
      sampleId: 11,
      groupId: null,
      runIds: [5],
      figures: { rank: 1, agreement: 0.97 },
      supported: true,
    },
    {
      key: 'alike 1 image 12',
      step: 'alike',
      queryId: 1,
      sampleId: 12,
      groupId: null,
      runIds: [5],
      figures: { similarity: 0.7, commonness: 0.01 },
      supported: true,
    },
    {
      key: 'influence 1 group 1',
      step: 'influence',
      queryId: 1,
      sampleId: null,
      groupId: 1,
      runIds: [8],
      figures: { raw: 4.25, pValue: 0.02 },
      supported: true,
    },
    {
      key: 'removal 1 group 1',
      step: 'removal',
      queryId: 1,
      sampleId: null,
      groupId: 1,
      runIds: [9],
      figures: { raw: 4 },
      supported: false,
    },
  ],
  exhibits: [
    {
      number: 1,
      queryId: 1,
      sampleId: 11,
      groupId: null,
      caption: `The heron of ${madeNames.holder}, caused by training?`,
      step: 'near-copy',
      querySha256: '1'.repeat(64),
      sampleSha256: '2'.repeat(64),
      judgements: [{ verdict: 'same-image', blind: true, note: 'plainly the same heron', ...person }],
      redacted: true,
      addedAt: at,
    },
    {
      number: 3,
      queryId: 2,
      sampleId: null,
      groupId: 2,
      caption: '',
      step: null,
      querySha256: '3'.repeat(64),
      sampleSha256: null,
      judgements: [],
      redacted: false,
      addedAt: at,
    },
  ],
  notes: [{ text: `Wrote to ${madeNames.holder}.`, ...person }],
  decision: { text: 'The publisher is responsible. <script>alert(1)</script>', ...person },
  ...{ blind: true, codeNames: false },
  events: caseEvents.map(({ payload, ...event }) => ({ ...event, kind: payload.action })),
};

export async function makeReportInput(changes: Partial<CaseFile> = {}): Promise<ReportInput> {
  const materials = await makeMaterials();
  return {
    caseFile: makeCaseFile(changes),
    materials,
    chain: chainEvents(caseEvents),
    writtenAt: at,
    writtenBy: 'Ada Reviewer',
  };
}

async function makeMaterials(): Promise<ReportMaterials> {
  const [first, second] = [await picture(1), await picture(2)];
  const made = {
    origin: 'generated',
    modelId: 1,
    runId: 4,
    classId: null,
    width: 8,
    height: 8,
    claimed: null,
    createdAt: at,
  } as const;
  return {
    projectName: 'herons',
    queries: [
      {
        id: 1,
        name: 'model 1, seed 0, image 0',
        ...made,
        generation: { seed: 0, prompt: 'a heron by zanthe_quillfeather' },
        sha256: '1'.repeat(64),
      },
      {
        id: 2,
        name: `${madeNames.group}.png`,
        ...made,
        origin: 'file',
        modelId: null,
        runId: null,
        generation: {},
        sha256: '3'.repeat(64),
      },
    ] as unknown as ReportMaterials['queries'],
    models: [
      {
        ...{
          id: 1,
          name: 'ddpm-tiny 1',
          task: 'generate',
          origin: 'built-in',
          architecture: 'ddpm-tiny',
          parameterCount: 1000,
          trainCount: 2,
          createdAt: at,
          runId: 3,
          dataHash: 'cd'.repeat(32),
        },
        files: [{ path: 'models/3/denoiser.f32', bytes: 4000, sha256: 'ef'.repeat(32) }],
      },
    ] as unknown as ReportMaterials['models'],
    runs: [
      run(3, 'train-denoiser', null, {
        architecture: 'ddpm-tiny',
        seed: 0,
        conditional: false,
        subset: null,
      }),
      run(5, 'find-copies', 'copies', { queries: [1, 2], agreement: 0.95, seed: 0 }),
      run(6, 'attribute-queries', 'influence', {
        method: 'd-trak',
        queries: [1],
        seed: 7,
        scoresPath: `/data/${madeNames.group}/scores.npy`,
      }),
      run(8, 'attribute-groups', 'groups', { method: 'guda', groups: [1, 2], controls: 8, keepModels: true }),
    ],
    images: [
      {
        id: 11,
        path: 'quillfeather/heron.png',
        split: 'train',
        bytes: 120,
        sha256: '2'.repeat(64),
        isMissing: false,
      },
      {
        id: 12,
        path: '=marsh/reed.png',
        split: 'train',
        bytes: 130,
        sha256: '4'.repeat(64),
        isMissing: false,
      },
      {
        id: 13,
        path: 'quillfeather/lost.png',
        split: 'train',
        bytes: 130,
        sha256: '5'.repeat(64),
        isMissing: true,
      },
    ] as unknown as ReportMaterials['images'],
    sources: ['/data/quillfeather'],
    environment: { whence: '0.1.0', node: '24.0.0', onnxRuntime: '1.30.0' },
    pictures: {
      queries: new Map([
        [1, first],
        [2, second],
      ]),
      samples: new Map([[11, { ...second, isBlurred: true }]]),
      differences: new Map([['1:11', { ...first, isBlurred: true }]]),
    },
  };
}

function run(
  id: number,
  kind: string,
  check: string | null,
  config: Readonly<Record<string, unknown>>,
): ReportMaterials['runs'][number] {
  return {
    ...{
      id,
      kind,
      check,
      config,
      status: 'finished',
      provider: 'cpu',
      notes: [`run ${id} was resumed`],
      summary: { seconds: 12.5 },
    },
    ...{
      createdAt: at,
      finishedAt: at,
      versions: { whence: '0.1.0', node: 'v24.0.0' },
      dataHash: 'aa'.repeat(32),
    },
  } as unknown as ReportMaterials['runs'][number];
}

async function picture(seed: number): Promise<ReportPicture> {
  const pixels = Uint8Array.from({ length: 192 }, (_, index) => (index * 37 * seed) % 256);
  const bytes = await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
    .png()
    .toBuffer();
  return { bytes, type: 'image/png', width: 8, height: 8, isBlurred: false };
}
