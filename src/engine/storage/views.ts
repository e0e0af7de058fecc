/** @file The table `savedViews`. */
import { AppError } from '../../core/base/app-error.ts';
import { parseQuery } from '../../core/query/parse-query.ts';
import { printQuery } from '../../core/query/print-query.ts';
import { renameTagIn } from '../../core/query/rename-tag.ts';
import { SampleFilter, SampleOrder } from '../../contract/samples-service.ts';
import type { SavedView } from '../../contract/views-service.ts';
import type { ViewId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

type ViewContent = Pick<SavedView, 'name' | 'filter' | 'order'>;

/** By name. What an older version saved is read with today's defaults. */
export function listViews(connection: Connection): SavedView[] {
  const rows = connection.prepare('SELECT * FROM savedViews ORDER BY name').all() as ViewRow[];
  return rows.map(({ filter, orderBy, ...row }) => ({
    ...row,
    filter: SampleFilter.parse(JSON.parse(filter)),
    order: SampleOrder.parse(JSON.parse(orderBy)),
  }));
}

export function saveView(connection: Connection, content: ViewContent): SavedView {
  return transact(connection, () => {
    const name = freeName(connection, content.name, null);
    const { lastInsertRowid } = connection
      .prepare('INSERT INTO savedViews (name, filter, orderBy, createdAt) VALUES (?, ?, ?, ?)')
      .run(name, JSON.stringify(content.filter), JSON.stringify(content.order), new Date().toISOString());
    return readView(connection, Number(lastInsertRowid) as ViewId);
  });
}

/** What `change` leaves out stays. */
export function updateView(connection: Connection, id: ViewId, change: Partial<ViewContent>): SavedView {
  return transact(connection, () => {
    const { name, filter, order } = { ...readView(connection, id), ...change };
    connection
      .prepare('UPDATE savedViews SET name = ?, filter = ?, orderBy = ? WHERE id = ?')
      .run(freeName(connection, name, id), JSON.stringify(filter), JSON.stringify(order), id);
    return readView(connection, id);
  });
}

export function removeView(connection: Connection, id: ViewId): void {
  readView(connection, id);
  connection.prepare('DELETE FROM savedViews WHERE id = ?').run(id);
}

/** Views that ask for the tag ask for it by its new name; a query that can no longer be understood is left alone. */
export function renameTagInViews(connection: Connection, before: string, after: string): void {
  const update = connection.prepare('UPDATE savedViews SET filter = ? WHERE id = ?');
  for (const { id, filter } of listViews(connection)) {
    const query = renamedQuery(filter.query, before, after);
    if (query !== filter.query) update.run(JSON.stringify({ ...filter, query }), id);
  }
}

/** As it was written where it does not name the tag. */
function renamedQuery(query: string, before: string, after: string): string {
  try {
    const expression = parseQuery(query);
    if (expression === null) return query;
    const renamed = printQuery(renameTagIn(expression, before, after));
    return renamed === printQuery(expression) ? query : renamed;
  } catch (error) {
    if (error instanceof AppError) return query;
    throw error;
  }
}

function readView(connection: Connection, id: ViewId): SavedView {
  const views = listViews(connection);
  const found = views.find((view) => view.id === id);
  if (found !== undefined) return found;
  const known = views.map(({ name }) => name).join(', ') || 'none';
  throw new AppError('view-not-found', { name: `number ${id}`, known });
}

/** The name as it is kept; refused where it is empty or another view has it. */
function freeName(connection: Connection, name: string, own: ViewId | null): string {
  const wanted = name.trim().normalize('NFC');
  if (wanted === '') throw new AppError('view-name-empty');
  const taken = connection
    .prepare('SELECT 1 FROM savedViews WHERE name = ? AND id IS NOT ?')
    .get(wanted, own);
  if (taken !== undefined) throw new AppError('view-name-taken', { name: wanted });
  return wanted;
}

interface ViewRow extends Omit<SavedView, 'filter' | 'order'> {
  readonly filter: string;
  readonly orderBy: string;
}
