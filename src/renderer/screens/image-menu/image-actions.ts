/** @file Everything that can be done with an image, or with all that are selected, as the rows of its menu. */
import { countSamples, idsOfSamples, type SampleSet } from '../../../contract/sample-set.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import { formatCount } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';
import type { MenuSubject } from '../../state/image-menu.svelte.ts';
import type { MenuItem } from '../../ui/menu-item.ts';
import { areExcluded, askForRelabel, keepLabels, setExcluded } from '../browse/bulk-decisions.ts';
import { revealSample } from '../browse/reveal-sample.ts';
import { askForTag } from '../browse/tagging.ts';
import { defineGroups } from '../groups/group-actions.ts';
import { flagCulprit } from './flag-culprit.ts';

/** Of more images nobody wants the paths on the clipboard: exports write them. */
const MOST_PATHS = 500;

export function imageActions(app: App, subject: MenuSubject): MenuItem[][] {
  return [
    lookingActions(app, subject),
    decidingActions(app, subject),
    groupActions(app, subject),
    fileActions(app, subject),
  ];
}

function lookingActions(app: App, { images, lead, beside }: MenuSubject): MenuItem[] {
  const pair = pairOf(images, lead, beside);
  return [
    { id: 'inspect', text: 'Open in inspector', run: () => openInInspector(app, lead) },
    { id: 'alike', text: 'Find alike', run: () => void app.alike.find(lead) },
    {
      id: 'explain',
      text: 'Show influence',
      keys: app.keymap.first('grid.open'),
      run: () => app.route.go('influence', lead),
    },
    {
      ...{ id: 'compare', text: 'Compare the two', isDisabled: pair === null },
      ...(pair === null ? { note: 'select two' } : {}),
      run: () => {
        if (pair !== null) app.overlays.compare(...pair);
      },
    },
  ];
}

/** The two images that can be looked at side by side; null: there are not two. */
function pairOf(
  images: SampleSet,
  lead: SampleId,
  beside: SampleId | undefined,
): readonly [SampleId, SampleId] | null {
  if (countSamples(images) === 2) {
    const [first, second] = idsOfSamples(images);
    return [first!, second!];
  }
  return beside === undefined || beside === lead ? null : [beside, lead];
}

function decidingActions(app: App, { images, lead, evidence }: MenuSubject): MenuItem[] {
  const isExcluded = areExcluded(app, images);
  return [
    {
      id: 'relabel',
      text: 'Relabel…',
      keys: app.keymap.first('images.relabel'),
      run: () => askForRelabel(app, images),
    },
    {
      id: 'keep',
      text: 'Keep label',
      keys: app.keymap.first('images.keep'),
      run: () => void keepLabels(app, images),
    },
    { id: 'tag', text: 'Tag…', keys: app.keymap.first('images.tag'), run: () => askForTag(app, images) },
    {
      ...{
        id: 'exclude',
        text: isExcluded ? 'Include again' : 'Exclude',
        keys: app.keymap.first('images.exclude'),
      },
      run: () => void setExcluded(app, images, !isExcluded),
    },
    ...(evidence === undefined
      ? []
      : [
          {
            ...{ id: 'flag', text: 'Flag as culprit', keys: app.keymap.first('evidence.flag') },
            run: () => flagCulprit(app, lead, evidence),
          },
        ]),
  ];
}

function groupActions(app: App, { images }: MenuSubject): MenuItem[] {
  const { groups, imageMenu } = app;
  const row = (group: (typeof groups.list)[number], added: boolean): MenuItem => ({
    ...{ id: String(group.id), text: group.name, note: formatCount(group.memberCount) },
    run: () => void groups.change(group.id, images, added),
  });
  const holding = groups.list.filter(({ id }) => imageMenu.holding?.has(id) === true);
  return [
    {
      ...{ id: 'add-to-group', text: 'Add to group' },
      items: [
        ...groups.list.map((group) => row(group, true)),
        {
          ...{ id: 'new', text: 'New group…' },
          run: () => {
            app.selection.selectAll(idsOfSamples(images));
            defineGroups(app, 'selection');
          },
        },
      ],
    },
    ...(holding.length === 0
      ? []
      : [
          {
            ...{ id: 'take-from-group', text: 'Take out of group' },
            items: holding.map((group) => row(group, false)),
          },
        ]),
  ];
}

function fileActions(app: App, { images, lead }: MenuSubject): MenuItem[] {
  const { desktop } = app.connection;
  const count = countSamples(images);
  const isOne = count === 1;
  // Served without TLS to another machine, a page has no clipboard.
  const canCopy = window.isSecureContext;
  return [
    {
      ...{
        id: 'copy-path',
        text: isOne ? 'Path to the clipboard' : 'Paths to the clipboard',
        isDisabled: count > MOST_PATHS || !canCopy,
      },
      run: () => void copyPaths(app, images),
    },
    {
      ...{
        id: 'copy-number',
        text: isOne ? 'Number to the clipboard' : 'Numbers to the clipboard',
        isDisabled: !canCopy,
      },
      run: () => void copy(app, idsOfSamples(images).join(', '), isOne ? 'number' : 'numbers'),
    },
    ...(desktop === null
      ? []
      : [{ id: 'reveal', text: 'Show in folder', run: () => void revealInFolder(app, lead) }]),
  ];
}

/** Where all images are shown the place of the keyboard moves there; elsewhere Browse opens with it. */
export function openInInspector(app: App, id: SampleId): void {
  app.inspector.isShown = true;
  const index = app.samples.ids.indexOf(id);
  const isShown = app.route.screen === 'browse' || app.route.screen === 'map';
  if (isShown && index >= 0) app.selection.cursor = index;
  else void revealSample(app, id);
}

async function copyPaths(app: App, images: SampleSet): Promise<void> {
  const details = await Promise.all(idsOfSamples(images).map((id) => app.samples.detail(id)));
  const paths = details.flatMap((detail) => (detail === null ? [] : [detail.absolutePath]));
  await copy(app, paths.join('\n'), paths.length === 1 ? 'path' : 'paths');
}

const onClipboard = {
  path: 'The path is on the clipboard',
  paths: 'The paths are on the clipboard',
  number: 'The number is on the clipboard',
  numbers: 'The numbers are on the clipboard',
} as const;

async function copy(app: App, text: string, what: keyof typeof onClipboard): Promise<void> {
  const copied = await app.toasts.attempt(async () => {
    await navigator.clipboard.writeText(text);
    return true;
  });
  if (copied === true) app.toasts.info(onClipboard[what]);
}

async function revealInFolder(app: App, id: SampleId): Promise<void> {
  const { desktop } = app.connection;
  const detail = await app.samples.detail(id);
  if (desktop !== null && detail !== null)
    await app.toasts.attempt(() => desktop.reveal({ path: detail.absolutePath }));
}
