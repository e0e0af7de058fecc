/** @file The options by which a command is told which images it is about. */
import type { Command } from 'commander';
import { AppError } from '../core/base/app-error.ts';
import type { SampleFilter } from '../contract/samples-service.ts';
import type { SavedView } from '../contract/views-service.ts';
import { SampleId, type ClassId, type ColumnId, type TagId } from '../contract/vocabulary.ts';
import { parseId } from './parse-id.ts';
import type { Session } from './session.ts';

export interface ImageChoice {
  readonly samples?: readonly number[];
  readonly text?: string;
  readonly label?: readonly string[];
  readonly tag?: readonly string[];
  readonly where?: readonly string[];
  readonly query?: string;
  readonly view?: string;
}

/** Adds the options; the action gets them as an `ImageChoice`. */
export function addImageOptions(command: Command): Command {
  return command
    .option('--samples <numbers>', 'numbers of images, separated by commas', (text) =>
      text.split(',').map((each) => parseId(each)),
    )
    .option('--text <words>', 'images whose path or class has these words')
    .option('--label <class>', 'images of this class; may be given several times: any of them', several)
    .option('--tag <tag>', 'images with this tag; may be given several times: any of them', several)
    .option(
      '--where <column=value>',
      'images with this value in a column of the imported table; of one column any, of several all',
      several,
    )
    .option(
      '--query <conditions>',
      'images for which this holds, such as \'label = "coat" and label_score > 0.8\'; docs/query.md has all of it',
    )
    .option(
      '--view <name>',
      'images of this saved view; the other options narrow it or take the place of its own',
    );
}

function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

export function choosesImages({ samples, text, label, tag, where, query, view }: ImageChoice): boolean {
  return [samples, text, label, tag, where, query, view].some((option) => option !== undefined);
}

/** The images that are named, or else those that all conditions hold for. */
export async function chosenImages(session: Session, choice: ImageChoice): Promise<SampleId[]> {
  if (choice.samples !== undefined) return choice.samples.map((id) => SampleId.parse(id));
  if (!choosesImages(choice))
    throw new AppError('usage-invalid', {
      reason: 'Say which images: --samples, --text, --label, --tag, --where, --query or --view',
    });
  const { ids } = await session.client.samples.query({ filter: await filterOf(session, choice) });
  return Array.from(ids) as SampleId[];
}

/** Their numbers; a name that the project does not have is an error that lists those it has. */
export async function classesNamed(
  client: Pick<Session['client'], 'projects'>,
  names: readonly string[],
): Promise<ClassId[]> {
  const classes = (await client.projects.current())?.classes ?? [];
  return names.map((name) => named<ClassId>('class-not-found', name, classes));
}

/** Names become numbers; a name that the project does not have is an error that lists those it has. */
export async function filterOf(session: Session, choice: ImageChoice): Promise<SampleFilter> {
  const { text, query, view } = choice;
  const saved = view === undefined ? {} : (await viewNamed(session, view)).filter;
  const given = { text, query, ...(await namedConditions(session, choice)) };
  // What is not given leaves the view's own.
  return {
    ...saved,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

async function namedConditions(
  { client }: Session,
  { label, tag, where }: ImageChoice,
): Promise<Pick<SampleFilter, 'labels' | 'tags' | 'columns'>> {
  const tags = tag === undefined ? [] : await client.tags.list();
  return {
    labels: label === undefined ? undefined : await classesNamed(client, label),
    tags: tag?.map((name) => named<TagId>('tag-not-found', name, tags)),
    columns: where === undefined ? undefined : await columnConditions(client, where),
  };
}

async function columnConditions(
  client: Session['client'],
  where: readonly string[],
): Promise<SampleFilter['columns']> {
  const known = (await client.samples.facets({ filter: {} })).columns;
  const byColumn = Map.groupBy(where.map(splitWhere), ({ column }) => column);
  return [...byColumn].map(([column, conditions]) => ({
    columnId: named<ColumnId>('column-not-found', column, known),
    values: conditions.map(({ value }) => value),
  }));
}

export async function viewNamed({ client }: Session, name: string): Promise<SavedView> {
  const views = await client.views.list();
  const id = named<SavedView['id']>('view-not-found', name, views);
  return views.find((view) => view.id === id)!;
}

function splitWhere(condition: string): { column: string; value: string } {
  const at = condition.indexOf('=');
  if (at > 0) return { column: condition.slice(0, at).trim(), value: condition.slice(at + 1).trim() };
  throw new AppError('usage-invalid', {
    reason: `--where takes a column and a value, such as artist=Monet, not ${condition}`,
  });
}

function named<Id>(
  code: 'class-not-found' | 'tag-not-found' | 'column-not-found' | 'view-not-found',
  name: string,
  entries: readonly { readonly id: Id; readonly name: string }[],
): Id {
  const found = entries.find((entry) => entry.name === name);
  if (found !== undefined) return found.id;
  throw new AppError(code, { name, known: entries.map((entry) => entry.name).join(', ') || 'none' });
}
