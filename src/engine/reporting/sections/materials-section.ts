/** @file What was examined, by content: query images, models, training images, programs. */
import type { GroupRights } from '../../../contract/cases-service.ts';
import type { QueryImage } from '../../../contract/queries-service.ts';
import type { Block, Section } from '../report-document.ts';
import { code, named, type Words } from '../words.ts';
import type { ReportInput } from '../report-input.ts';
import type { ModelMaterial } from '../report-materials.ts';
import { timeWords } from './phrases.ts';

export function materialsSection({ caseFile, materials }: ReportInput): Section {
  const { queries, models, images, sources } = materials;
  const missing = images.filter(({ isMissing }) => isMissing).length;
  return {
    ...{ kind: 'section', id: 'materials', title: 'Materials', startsPage: true },
    blocks: [
      {
        kind: 'note',
        words:
          'A SHA-256 is a number made of a file’s bytes: one bit changed in the file makes another number. It says that the file is the same, not where it comes from.',
      },
      section('queries', 'Query images', queriesBlocks(queries, materials.pictures.queries)),
      section(
        'models',
        'Models',
        models.length === 0 ? [none('No model belongs to the case.')] : models.flatMap(modelBlocks),
      ),
      section('training-images', 'Training images', [
        {
          kind: 'facts',
          rows: [
            ['Images', String(images.length)],
            ['Files that are missing', String(missing)],
            [
              'Sources',
              sources.length === 0
                ? 'none'
                : sources.flatMap((source, index) => (index === 0 ? [code(source)] : [', ', code(source)])),
            ],
            ...manifestFacts(caseFile.manifest),
          ],
        },
        {
          kind: 'note',
          words:
            'The manifest with the SHA-256 of every training image is the file manifest.csv of the bundle.',
        },
      ]),
      section('groups', 'Groups and their rights', groupsBlocks(caseFile.groups)),
      section('environment', 'Programs and machine', [
        {
          kind: 'facts',
          rows: Object.entries(materials.environment).map(([name, value]) => [name, [code(value)]]),
        },
      ]),
    ],
  };
}

function section(id: string, title: string, blocks: readonly Block[]): Section {
  return { kind: 'section', id: `materials-${id}`, title, blocks };
}

function none(words: string): Block {
  return { kind: 'text', words };
}

function queriesBlocks(
  queries: readonly QueryImage[],
  pictures: ReportInput['materials']['pictures']['queries'],
): Block[] {
  if (queries.length === 0) return [none('No query image belongs to the case.')];
  const shown = queries.flatMap(({ id }) => {
    const picture = pictures.get(id);
    return picture === undefined ? [] : [{ picture, alt: `Query image ${id}`, caption: `Query ${id}` }];
  });
  return [
    { kind: 'pictures', pictures: shown },
    {
      kind: 'table',
      caption: 'Query images',
      head: ['Query', 'Name', 'Origin', 'Pixels', 'SHA-256'],
      rows: queries.map(({ id, name, origin, modelId, width, height, sha256 }) => [
        String(id),
        [named(name)],
        origin === 'file' ? 'a file from elsewhere' : `made by model ${modelId ?? '?'} here`,
        `${width} × ${height}`,
        [code(sha256)],
      ]),
    },
    ...queries.flatMap(claimedBlocks),
    ...queries.flatMap(({ id, generation }): Block[] =>
      Object.keys(generation).length === 0
        ? []
        : [
            {
              kind: 'table',
              caption: `What query ${id} is said to be made with. What a file says of itself is not verified.`,
              head: ['Parameter', 'Value'],
              rows: Object.entries(generation).map(([name, value]) => [[code(name)], [code(String(value))]]),
            },
          ],
    ),
  ];
}

/** What a file says of itself; anybody can write that into a file. */
function claimedBlocks({ id, claimed }: QueryImage): Block[] {
  if (claimed === null) return [];
  const { generator, parameters, digitalSourceType, contentCredentials } = claimed;
  const rows: (readonly [string, string])[] = [
    ...(generator === null ? [] : [['generator', generator] as const]),
    ...(digitalSourceType === null ? [] : [['digital source type', digitalSourceType] as const]),
    ...parameters.map(({ name, value }) => [name, value] as const),
    ...(contentCredentials === null ? [] : credentialRows(contentCredentials)),
  ];
  return [
    {
      kind: 'table',
      caption: `What the file of query ${id} says of itself. None of it was verified.`,
      head: ['Name', 'Value'],
      rows: rows.map(([name, value]) => [[code(name)], [code(value)]]),
    },
  ];
}

function credentialRows({
  claimGenerator,
  title,
  actions,
  assertions,
}: NonNullable<NonNullable<QueryImage['claimed']>['contentCredentials']>): (readonly [string, string])[] {
  return [
    ['C2PA claim generator', claimGenerator ?? 'not given'],
    ['C2PA title', title ?? 'not given'],
    ...actions.map(
      ({ action, softwareAgent }) =>
        ['C2PA action', softwareAgent === null ? action : `${action}: ${softwareAgent}`] as const,
    ),
    ['C2PA assertions', assertions.join(', ')],
  ];
}

function modelBlocks(model: ModelMaterial): Block[] {
  return [
    {
      kind: 'facts',
      rows: [
        ['Model', [`${model.id} `, named(model.name)]],
        ['Network', [code(model.architecture), `, ${model.parameterCount} parameters that are trained`]],
        ['Origin', model.origin === 'file' ? 'a file that was brought' : 'trained by Whence'],
        ['Learned from', `${model.trainCount} images`],
        ['Run', `${model.runId}, ${timeWords(model.createdAt)}`],
        ['Hash of all that its training read', [code(model.dataHash)]],
      ],
    },
    {
      kind: 'table',
      caption: `Files of model ${model.id}: weights, checkpoints and descriptions`,
      head: ['File', 'Bytes', 'SHA-256'],
      figures: [1],
      rows: model.files.map(({ path, bytes, sha256 }) => [
        [code(path)],
        String(bytes),
        sha256 === null ? 'missing' : [code(sha256)],
      ]),
    },
  ];
}

function manifestFacts(manifest: ReportInput['caseFile']['manifest']): (readonly [string, Words])[] {
  if (manifest === null) return [['Manifest', 'was not taken down']];
  return [
    [
      'Manifest taken down',
      `${timeWords(manifest.at)}: ${manifest.imageCount} images, ${manifest.missingCount} of them missing`,
    ],
    ['SHA-256 of the manifest', [code(manifest.sha256)]],
    [
      'Since then',
      manifest.unchanged ? 'The same images are here now.' : 'The training images have changed since.',
    ],
  ];
}

const optOutWords = {
  'opted-out': 'opted out',
  'not-opted-out': 'did not opt out',
  unknown: 'not known',
} as const satisfies Record<GroupRights['optOut'], string>;

function groupsBlocks(groups: readonly GroupRights[]): Block[] {
  if (groups.length === 0) return [none('No group belongs to the case.')];
  return [
    {
      kind: 'table',
      caption: 'Groups of training images, and what people of the case know of their rights',
      head: ['Group', 'Name', 'Images', 'Rights-holder', 'Licence', 'Opt-out', 'Said by', 'Note'],
      figures: [2],
      rows: groups.map((group) => [
        String(group.groupId),
        [named(group.name)],
        String(group.memberCount),
        orNothing(group.rightsHolder),
        orNothing(group.licence),
        optOutWords[group.optOut],
        group.source === 'columns' ? 'columns of the table, looked at by nobody' : 'a person',
        orNothing(group.note),
      ]),
    },
  ];
}

function orNothing(text: string): Words {
  return text === '' ? 'not given' : [named(text)];
}
