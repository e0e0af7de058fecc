/** @file Handing over the corrected labels, or a subset, as a file. */
import type { ExportScope } from '../../contract/findings-service.ts';
import type { Subset } from '../../contract/subsets-service.ts';
import type { Connection } from './connection.svelte.ts';
import type { Samples } from './samples.svelte.ts';
import type { Selection } from './selection.svelte.ts';
import { FileExport, type ExportContext } from './file-export.svelte.ts';

type Context = ExportContext & {
  readonly connection: Connection;
  readonly samples: Pick<Samples, 'filter'>;
  readonly selection: Selection;
};

export class Exporting {
  /** Of the labels: only the rows of images whose label was changed. */
  onlyChanged = $state(false);
  /** Of the labels: which images. */
  scope = $state<Exclude<ExportScope['kind'], 'subset'>>('all');
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  labels(): FileExport {
    const { connection, project } = this.#context;
    return new FileExport(this.#context, {
      name: `${project.summary?.name ?? 'project'}-labels`,
      format: 'csv',
      write: (path, format, placement) =>
        connection.engine.exports.labels({
          ...{ path, format, placement, onlyChanged: this.onlyChanged },
          scope: this.#scope(),
        }),
    });
  }

  #scope(): ExportScope {
    const { samples, selection } = this.#context;
    switch (this.scope) {
      case 'all':
        return { kind: 'all' };
      case 'filter':
        return { kind: 'filter', filter: samples.filter };
      case 'selection':
        return { kind: 'selection', images: selection.images };
    }
  }

  subset({ id, name }: Pick<Subset, 'id' | 'name'>): FileExport {
    const plain = name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
    return new FileExport(this.#context, {
      name: plain === '' ? 'subset' : plain,
      format: 'csv',
      write: (path, format, placement) =>
        this.#context.connection.engine.subsets.export({ id, path, format, placement }),
    });
  }
}
