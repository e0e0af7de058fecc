/** @file Everything that a key or the command palette can do: what it is called, where it is heard, and the keys it has until somebody changes them. */
import type { Chord } from './chord.ts';
import type { Scope } from './scopes.ts';

interface ActionRow {
  readonly title: string;
  readonly scope: Scope;
  readonly keys: readonly Chord[];
  /** Its keys cannot be changed: a field's own, or one that stands for a number. */
  readonly fixed?: true;
}

export const actions = {
  palette: { title: 'Go to or do anything', scope: 'everywhere', keys: ['Ctrl+K'] },
  help: { title: 'Keyboard shortcuts', scope: 'everywhere', keys: ['?'] },
  tour: { title: 'Take the tour', scope: 'everywhere', keys: [] },
  undo: { title: 'Undo', scope: 'everywhere', keys: ['Ctrl+Z'] },
  redo: { title: 'Redo', scope: 'everywhere', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'] },
  export: { title: 'Export labels', scope: 'everywhere', keys: ['Ctrl+E'] },

  menu: { title: 'Menu of the image', scope: 'everywhere', keys: ['Shift+F10'], fixed: true },

  'go-home': { title: 'Go to Home', scope: 'everywhere', keys: ['Alt+1'] },
  'go-import': { title: 'Go to Import', scope: 'everywhere', keys: ['Alt+2'] },
  'go-browse': { title: 'Go to Browse', scope: 'everywhere', keys: ['Alt+3'] },
  'go-map': { title: 'Go to Map', scope: 'everywhere', keys: ['Alt+4'] },
  'go-issues': { title: 'Go to Issues', scope: 'everywhere', keys: ['Alt+5'] },
  'go-influence': { title: 'Go to Influence', scope: 'everywhere', keys: ['Alt+6'] },
  'go-generated': { title: 'Go to Generated', scope: 'everywhere', keys: ['Alt+7'] },
  'go-groups': { title: 'Go to Groups', scope: 'everywhere', keys: ['Alt+8'] },
  'go-subsets': { title: 'Go to Subsets', scope: 'everywhere', keys: ['Alt+9'] },
  'go-cases': { title: 'Go to Cases', scope: 'everywhere', keys: ['Alt+C'] },
  'go-reports': { title: 'Go to Reports', scope: 'everywhere', keys: [] },
  'go-models': { title: 'Go to Models', scope: 'everywhere', keys: ['Alt+0'] },
  'go-methods': { title: 'Go to Methods', scope: 'everywhere', keys: [] },
  'go-history': { title: 'Go to History', scope: 'everywhere', keys: [] },
  'go-settings': { title: 'Go to Settings', scope: 'everywhere', keys: ['Ctrl+,'] },

  find: { title: 'Find label problems', scope: 'everywhere', keys: [] },
  'find-issues': { title: 'Look for image issues', scope: 'everywhere', keys: [] },
  'rank-labels': { title: 'Rank labels by another signal', scope: 'everywhere', keys: [] },
  noise: { title: 'Wrong labels by class', scope: 'everywhere', keys: [] },
  query: { title: 'Write a query', scope: 'everywhere', keys: [] },
  culprits: { title: 'Show the images flagged as culprits', scope: 'everywhere', keys: [] },
  tags: { title: 'Rename or remove tags', scope: 'everywhere', keys: [] },
  maps: { title: 'Rename or remove maps', scope: 'everywhere', keys: [] },
  confusion: { title: 'Confusion matrix', scope: 'everywhere', keys: [] },
  snapshot: { title: 'Take a snapshot of the history', scope: 'everywhere', keys: [] },
  'open-case': { title: 'Open a case', scope: 'everywhere', keys: [] },
  verify: { title: 'Check the bundle of a report', scope: 'everywhere', keys: [] },
  'add-model': { title: 'Add model', scope: 'everywhere', keys: [] },
  'import-denoiser': { title: 'Add generative model', scope: 'everywhere', keys: [] },
  'train-generative': { title: 'Train a generative model', scope: 'everywhere', keys: [] },
  'make-map': { title: 'Make a map', scope: 'everywhere', keys: [] },
  attribute: { title: 'Estimate influence', scope: 'everywhere', keys: [] },
  evaluate: { title: 'Evaluate a method', scope: 'everywhere', keys: [] },
  'add-images': { title: 'Add image files to ask about', scope: 'everywhere', keys: [] },
  'define-groups': { title: 'Define groups', scope: 'everywhere', keys: [] },
  'make-images': { title: 'Make images', scope: 'everywhere', keys: [] },
  'trace-images': { title: 'Which training images?', scope: 'everywhere', keys: [] },
  'trace-groups': { title: 'Which groups?', scope: 'everywhere', keys: [] },
  close: { title: 'Close project', scope: 'everywhere', keys: [] },
  'theme-system': { title: 'Theme: as the system', scope: 'everywhere', keys: [] },
  'theme-light': { title: 'Theme: light', scope: 'everywhere', keys: [] },
  'theme-dark': { title: 'Theme: dark', scope: 'everywhere', keys: [] },

  'text-larger': { title: 'Larger text', scope: 'everywhere', keys: ['Ctrl++', 'Ctrl+='] },
  'text-smaller': { title: 'Smaller text', scope: 'everywhere', keys: ['Ctrl+-'] },
  'text-usual': { title: 'Text of the usual size', scope: 'everywhere', keys: ['Ctrl+0'] },

  'moving.left': { title: 'The image before', scope: 'moving', keys: ['ArrowLeft'] },
  'moving.right': { title: 'The next image', scope: 'moving', keys: ['ArrowRight'] },
  'moving.up': { title: 'A row up', scope: 'moving', keys: ['ArrowUp'] },
  'moving.down': { title: 'A row down', scope: 'moving', keys: ['ArrowDown'] },
  'moving.view-up': { title: 'A view up', scope: 'moving', keys: ['PageUp'] },
  'moving.view-down': { title: 'A view down', scope: 'moving', keys: ['PageDown'] },
  'moving.first': { title: 'The first image', scope: 'moving', keys: ['Home'] },
  'moving.last': { title: 'The last image', scope: 'moving', keys: ['End'] },

  'grid.toggle': { title: 'Select or deselect', scope: 'grid', keys: ['Space'] },
  'grid.select-all': { title: 'Select everything that matches', scope: 'grid', keys: ['Ctrl+A'] },
  'grid.clear': { title: 'Clear the selection', scope: 'grid', keys: ['Escape'] },
  'grid.open': { title: 'Explain the image', scope: 'grid', keys: ['Enter'] },

  'images.relabel': { title: 'Relabel the selection', scope: 'images', keys: ['L'] },
  'images.keep': { title: 'Keep the labels of the selection', scope: 'images', keys: ['K'] },
  'images.tag': { title: 'Tag the selection', scope: 'images', keys: ['T'] },
  'images.exclude': { title: 'Exclude the selection, or include it again', scope: 'images', keys: ['X'] },

  'map.left': { title: 'Move the map to the left', scope: 'map', keys: ['ArrowLeft'] },
  'map.right': { title: 'Move the map to the right', scope: 'map', keys: ['ArrowRight'] },
  'map.up': { title: 'Move the map up', scope: 'map', keys: ['ArrowUp'] },
  'map.down': { title: 'Move the map down', scope: 'map', keys: ['ArrowDown'] },
  'map.nearer': { title: 'Nearer', scope: 'map', keys: ['+', '='] },
  'map.further': { title: 'Further', scope: 'map', keys: ['-'] },
  'map.fit': { title: 'The whole map', scope: 'map', keys: ['0'] },
  'map.select-view': { title: 'Select what is in view', scope: 'map', keys: ['V'] },
  'map.add-view': { title: 'Select what is in view besides', scope: 'map', keys: ['Shift+V'] },
  'map.remove-view': { title: 'Take what is in view out of the selection', scope: 'map', keys: ['Alt+V'] },

  'labels.keep': { title: 'Keep the given label', scope: 'labels', keys: ['K'] },
  'labels.accept': { title: 'Accept the suggestion', scope: 'labels', keys: ['A', 'Enter'] },
  'labels.other': { title: 'Another class', scope: 'labels', keys: ['O'] },
  'labels.class': {
    ...{ title: 'Class 1 to 9', scope: 'labels', fixed: true },
    keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
  },
  'labels.skip': { title: 'Skip', scope: 'labels', keys: ['S'] },
  'labels.undo': { title: 'Undo', scope: 'labels', keys: ['U'] },
  'labels.before': { title: 'The issue before', scope: 'labels', keys: ['ArrowLeft'] },
  'labels.next': { title: 'The next issue', scope: 'labels', keys: ['ArrowRight'] },

  'pictures.keep': { title: 'Keep all', scope: 'pictures', keys: ['K'] },
  'pictures.exclude': { title: 'Exclude all', scope: 'pictures', keys: ['X'] },
  'pictures.keep-left': { title: 'Keep the left one alone', scope: 'pictures', keys: ['L'] },
  'pictures.keep-right': { title: 'Keep the right one alone', scope: 'pictures', keys: ['R'] },
  'pictures.pair-before': { title: 'The cluster’s image before', scope: 'pictures', keys: ['['] },
  'pictures.pair-next': { title: 'The cluster’s next image', scope: 'pictures', keys: [']'] },
  'pictures.skip': { title: 'Skip', scope: 'pictures', keys: ['S'] },
  'pictures.undo': { title: 'Undo', scope: 'pictures', keys: ['U'] },
  'pictures.before': { title: 'The issue before', scope: 'pictures', keys: ['ArrowLeft'] },
  'pictures.next': { title: 'The next issue', scope: 'pictures', keys: ['ArrowRight'] },

  'pair.side': { title: 'Side by side', scope: 'pair', keys: ['1'] },
  'pair.overlay': { title: 'One over the other', scope: 'pair', keys: ['2'] },
  'pair.blink': { title: 'Blink', scope: 'pair', keys: ['3'] },
  'pair.difference': { title: 'Difference', scope: 'pair', keys: ['4'] },
  'pair.nearer': { title: 'Nearer', scope: 'pair', keys: ['+', '='] },
  'pair.further': { title: 'Further', scope: 'pair', keys: ['-'] },
  'pair.fit': { title: 'Fit', scope: 'pair', keys: ['0'] },
  'pair.left': { title: 'Look further left', scope: 'pair', keys: ['Shift+ArrowLeft'] },
  'pair.right': { title: 'Look further right', scope: 'pair', keys: ['Shift+ArrowRight'] },
  'pair.up': { title: 'Look further up', scope: 'pair', keys: ['Shift+ArrowUp'] },
  'pair.down': { title: 'Look further down', scope: 'pair', keys: ['Shift+ArrowDown'] },

  'evidence.flag': { title: 'Flag the training image as culprit', scope: 'evidence', keys: ['F'] },

  'generated.images': { title: 'Which training images?', scope: 'generated', keys: ['T'] },
  'generated.groups': { title: 'Which groups?', scope: 'generated', keys: ['G'] },

  'matches.exhibit': { title: 'Make an exhibit of the match at hand', scope: 'matches', keys: ['E'] },

  'judging.same-image': { title: 'Same image', scope: 'judging', keys: ['I'] },
  'judging.same-subject': { title: 'Same subject', scope: 'judging', keys: ['S'] },
  'judging.same-style': { title: 'Same style', scope: 'judging', keys: ['T'] },
  'judging.no-resemblance': { title: 'No resemblance', scope: 'judging', keys: ['N'] },
  'judging.unsure': { title: 'Unsure', scope: 'judging', keys: ['Q'] },
  'judging.before': { title: 'The exhibit before', scope: 'judging', keys: ['ArrowLeft'] },
  'judging.next': { title: 'The next exhibit', scope: 'judging', keys: ['ArrowRight'] },

  'fields.list': { title: 'What may stand here', scope: 'fields', keys: ['ArrowDown'], fixed: true },
  'fields.take': { title: 'Take what is marked in the list', scope: 'fields', keys: ['Tab'], fixed: true },
  'fields.ask': { title: 'Ask the query', scope: 'fields', keys: ['Enter'], fixed: true },
  'fields.close': { title: 'Close the list', scope: 'fields', keys: ['Escape'], fixed: true },
  'fields.end': {
    ...{ title: 'Move an end of a histogram’s choice', scope: 'fields', fixed: true },
    keys: ['ArrowRight'],
  },
} as const satisfies Record<string, ActionRow>;

export type ActionId = keyof typeof actions;

/** Actions that are heard in one of these scopes. */
export type ActionIn<Where extends Scope> = {
  [Id in ActionId]: (typeof actions)[Id]['scope'] extends Where ? Id : never;
}[ActionId];

export const actionIds = Object.keys(actions) as ActionId[];

export const actionRow = (id: ActionId): ActionRow => actions[id];
