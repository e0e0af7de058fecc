/** @file `whence groups …`: groups of training images, and how much query images depend on each. */
import { Option, type Command } from 'commander';
import { AppError } from '../core/base/app-error.ts';
import { setOfSamples } from '../contract/sample-set.ts';
import { AttributeGroupsConfig } from '../contract/generation-configs.ts';
import { groupMethodWords } from '../contract/generation-words.ts';
import { EachRule, type GroupAttribution, type GroupPreview } from '../contract/groups-service.ts';
import type { Run } from '../contract/runs-service.ts';
import { GroupId, RunId, SampleId } from '../contract/vocabulary.ts';
import { addImageOptions, chosenImages, filterOf, type ImageChoice } from './image-choice.ts';
import { formatFigure, formatTable, type Streams } from './output.ts';
import { parseId, parseIds } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { runCommand, withProject, type Addition } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import type { Session } from './session.ts';

export function addGroupCommands(program: Command, streams: Streams): void {
  const groups = program
    .command('groups')
    .description('Groups of training images, and how much query images depend on each.');
  projectCommand(groups, 'list', 'List the groups and where they overlap.').action((options: RunOptions) =>
    listGroups(streams, options),
  );
  addDefine(groups, streams);
  addChange(groups, streams, true);
  addChange(groups, streams, false);
  projectCommand(groups, 'remove', 'Remove groups; no image is touched.')
    .argument('<groups...>', 'numbers of the groups', parseIds)
    .action((numbers: number[], options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        await client.groups.remove({ ids: numbers.map((number) => GroupId.parse(number)) });
        output.answer({ removed: numbers }, `${numbers.length} groups removed.`);
      }),
    );
  projectCommand(
    groups,
    'attribute',
    'Estimate how much query images depend on each group, beside random groups of the same size; or measure it (--method logo).',
    AttributeGroupsConfig,
  ).action((options: RunOptions & AttributeGroupsConfig) =>
    runCommand(streams, options, { kind: 'attribute-groups', config: options }, { then: scoresOf }),
  );
  projectCommand(groups, 'show', 'Show what a run found of the groups.')
    .argument('<run>', 'number of the run', parseId)
    .action((number: number, options: RunOptions) =>
      withProject(streams, options, null, async ({ client }, output) => {
        const attribution = await client.groups.attribution({ runId: RunId.parse(number) });
        output.answer({ attribution }, attributionText(attribution));
      }),
    );
}

type DefineOptions = RunOptions &
  ImageChoice & {
    readonly by?: EachRule['by'];
    readonly folderDepth?: number;
    readonly column?: string;
    readonly preview?: boolean;
    readonly name?: string;
  };

function addDefine(groups: Command, streams: Streams): void {
  const define = projectCommand(
    groups,
    'define',
    'Define groups: one for each class, folder, tag or value of a column (--by), or one of the images that the other options choose.',
  )
    .addOption(new Option('--by <what>', 'one group for each').choices(EachRule.shape.by.options))
    .option('--column <name>', 'column of the imported table whose values tell groups apart (--by column)')
    .option(
      '--folder-depth <levels>',
      'levels of folders that tell groups apart; the fewest that tell any apart where not given',
      parseId,
    )
    .option('--preview', 'say which groups --by would define, and define none')
    .option('--name <name>', 'of a single group');
  addImageOptions(define).action((options: DefineOptions) =>
    withProject(streams, options, null, async (session, output) => {
      const { groups: service } = session.client;
      const { by, folderDepth = null, column = null } = options;
      if (by === undefined && options.preview === true)
        throw new AppError('usage-invalid', { reason: '--preview goes with --by' });
      if (by !== undefined && options.preview === true) {
        const found = await service.previewEach({ by, folderDepth, column });
        output.answer(found, previewText(found));
        return;
      }
      const ids =
        by === undefined
          ? [await defineOne(session, options)]
          : await service.defineEach({ by, folderDepth, column });
      output.answer({ groups: ids }, `${formatFigure(ids.length)} groups: ${ids.join(', ')}`);
    }),
  );
}

/** `add` and `take`. */
function addChange(groups: Command, streams: Streams, added: boolean): void {
  const command = projectCommand(
    groups,
    added ? 'add' : 'take',
    added
      ? 'Add images of the train split to a group. history undo takes it back; what was estimated of the group before stays as it was.'
      : 'Take images out of a group. history undo takes it back; what was estimated of the group before stays as it was.',
  ).argument('<group>', 'number of the group', parseId);
  addImageOptions(command).action((number: number, options: RunOptions & ImageChoice) =>
    withProject(streams, options, null, async (session, output) => {
      const sampleIds = await chosenImages(session, options);
      const id = GroupId.parse(number);
      const { groups: service } = session.client;
      const changed =
        sampleIds.length === 0
          ? 0
          : (await service.change({ id, images: setOfSamples(sampleIds), added })).changed;
      const group = (await service.list()).find((each) => each.id === id);
      const warning =
        changed > 0 && group?.attributed === true
          ? ' What was estimated of it is of the images it had then; estimate again to know it of these.'
          : '';
      output.answer(
        { group: number, matched: sampleIds.length, changed },
        `${formatFigure(changed)} of ${formatFigure(sampleIds.length)} matching images ${added ? 'were added' : 'were taken out'}; the group has ${formatFigure(group?.memberCount ?? 0)}.${warning}`,
      );
    }),
  );
}

async function defineOne(session: Session, { name, samples, ...choice }: DefineOptions): Promise<GroupId> {
  const words = [
    choice.text,
    ...(choice.label ?? []),
    ...(choice.tag ?? []),
    ...(choice.where ?? []),
    choice.query,
    choice.view,
  ];
  const rule =
    samples === undefined
      ? { kind: 'filter' as const, filter: await filterOf(session, choice) }
      : { kind: 'selection' as const, images: setOfSamples(samples.map((id) => SampleId.parse(id))) };
  const described = words.filter((word) => word !== undefined).join(', ') || 'selection';
  return session.client.groups.define({ name: name ?? described, rule });
}

function previewText({ folderDepth, groups }: GroupPreview): string {
  const rows = groups.map(({ name, definition, memberCount, missingCount }) => [
    name,
    definition,
    formatFigure(memberCount),
    missingText(missingCount),
  ]);
  const depth = folderDepth === null ? '' : ` (--folder-depth ${folderDepth})`;
  return [
    `${groups.length === 1 ? '1 group' : `${formatFigure(groups.length)} groups`} would be defined${depth}.`,
    ...(groups.length === 0 ? [] : [formatTable([['name', 'made of', 'images', 'missing'], ...rows])]),
  ].join('\n');
}

/** Empty where all files are there. */
function missingText(count: number): string {
  return count === 0 ? '' : formatFigure(count);
}

function listGroups(streams: Streams, options: RunOptions): Promise<void> {
  return withProject(streams, options, null, async ({ client }, output) => {
    const [groups, overlaps] = [await client.groups.list(), await client.groups.overlaps()];
    const rows = groups.map(({ id, name, definition, memberCount, missingCount }) => [
      String(id),
      name,
      definition,
      formatFigure(memberCount),
      missingText(missingCount),
    ]);
    const shared = overlaps.map(
      ({ first, second, shared: count }) => `Groups ${first} and ${second} share ${count} images.`,
    );
    output.answer(
      { groups, overlaps },
      groups.length === 0
        ? 'There are no groups yet: whence groups define --by class.'
        : [formatTable([['group', 'name', 'made of', 'images', 'missing'], ...rows]), ...shared].join('\n'),
    );
  });
}

async function scoresOf({ client }: Session, run: Run): Promise<Addition> {
  const attribution = await client.groups.attribution({ runId: run.id });
  return { document: { attribution }, text: attributionText(attribution) };
}

/** Queries in rows, the strongest groups of each; what stands out is marked. */
function attributionText({ choices, groups, queries, controls, overlaps }: GroupAttribution): string {
  const nameOf = new Map(groups.map(({ groupId, name }) => [groupId, name]));
  const rows = queries.map(({ queryId, scores, unattributed, verdict }) => [
    String(queryId),
    verdict ?? '',
    unattributed === null ? '' : `${Math.round(100 * unattributed)} %`,
    scores
      .toSorted((a, b) => b.raw - a.raw)
      .slice(0, 3)
      .map(
        ({ groupId, raw, pValue, standsOut }) =>
          `${nameOf.get(groupId) ?? groupId} ${raw.toPrecision(3)}${standsOut ? '*' : ''}${pValue === null ? '' : ` (p ${pValue.toPrecision(2)})`}`,
      )
      .join(', '),
  ]);
  const findings = controls.map(
    ({ name, met, finding }) =>
      `${met === null ? 'not checked' : met ? 'met' : 'NOT MET'}: ${name}. ${finding}`,
  );
  const measured = choices.method === 'logo' ? 'measured effect of removal' : 'estimated influence';
  return [
    `${groupMethodWords[choices.method].title}: ${measured} (* stands out beside random groups)`,
    ...findings,
    ...overlaps.map(({ first, second, shared }) => `Groups ${first} and ${second} share ${shared} images.`),
    formatTable([['query', 'verdict', 'not attributed', 'strongest groups'], ...rows]),
  ].join('\n');
}
