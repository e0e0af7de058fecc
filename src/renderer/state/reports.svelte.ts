/** @file The report of a case: looked at, written, signed; and bundles checked. */
import { AppError } from '../../core/base/app-error.ts';
import type { ReportForm, Verification, WrittenReport } from '../../contract/reports-service.ts';
import type { CaseId } from '../../contract/vocabulary.ts';
import type { Connection, EngineClients } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export type ReportPreview = Awaited<ReturnType<EngineClients['reports']['preview']>>;
type PublicKey = Awaited<ReturnType<EngineClients['reports']['publicKey']>>;

const endings = { html: 'html', pdf: 'pdf', bundle: 'zip' } as const satisfies Record<ReportForm, string>;

export class Reports {
  /** null until it is there. */
  preview = $state.raw<ReportPreview | null>(null);
  form = $state<ReportForm>('html');
  path = $state('');
  sign = $state(false);
  /** Where the names that code names stand for are written. */
  keyPath = $state('');
  working = $state(false);
  written = $state.raw<WrittenReport | null>(null);
  /** What is wrong, in words; it stays until something changes. */
  failure = $state<string | null>(null);
  publicKey = $state.raw<PublicKey>(null);
  bundlePath = $state('');
  withProject = $state(true);
  verifying = $state(false);
  verification = $state.raw<Verification | null>(null);
  verifyFailure = $state<string | null>(null);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #toasts: Toasts;
  #caseId: CaseId | null = null;

  constructor(connection: Connection, project: Project, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#toasts = toasts;
    project.onOpened(() => {
      this.#caseId = null;
      this.preview = null;
      this.written = null;
    });
  }

  /** Whether this window can make that form: a PDF is made by the desktop's own browser. */
  canWrite(form: ReportForm): boolean {
    return form !== 'pdf' || this.#connection.isDesktop;
  }

  /** Makes the report of this case anew, to be looked at. */
  async look(caseId: CaseId, caseName: string): Promise<void> {
    if (this.#caseId !== caseId) {
      this.#caseId = caseId;
      this.preview = null;
      this.written = null;
      this.failure = null;
      this.path = this.#besideTheProject(caseName, this.form);
      this.keyPath = this.#besideTheProject(`${caseName} key`, 'html').replace(/html$/, 'json');
    }
    const preview = await this.#toasts.attempt(() => this.#connection.engine.reports.preview({ caseId }));
    if (this.#caseId === caseId) this.preview = preview;
    await this.#readKey();
  }

  setForm(form: ReportForm): void {
    const ending = `.${endings[this.form]}`;
    if (this.path.endsWith(ending)) this.path = this.path.slice(0, -ending.length) + `.${endings[form]}`;
    this.form = form;
    this.failure = null;
    this.written = null;
  }

  async choosePath(): Promise<void> {
    const chosen = await this.#chooseExport(this.path);
    if (chosen !== null) this.path = chosen;
  }

  async chooseKeyPath(): Promise<void> {
    const chosen = await this.#chooseExport(this.keyPath);
    if (chosen !== null) this.keyPath = chosen;
  }

  /** Writes the report; the key beside it where names are replaced. */
  async write(hasCodeNames: boolean): Promise<void> {
    const caseId = this.#caseId;
    if (caseId === null) return;
    this.working = true;
    this.failure = null;
    try {
      this.written = await this.#write(caseId, hasCodeNames ? this.keyPath.trim() : null);
    } catch (error) {
      this.written = null;
      this.failure = this.#wordsOf(error);
    }
    this.working = false;
    await this.#readKey();
  }

  async reveal(path: string): Promise<void> {
    const { desktop } = this.#connection;
    if (desktop !== null) await this.#toasts.attempt(() => desktop.reveal({ path }));
  }

  async chooseBundle(): Promise<void> {
    const { desktop } = this.#connection;
    if (desktop === null) return;
    const chosen = await this.#toasts.attempt(() => desktop.chooseFile({ kind: 'bundle' }));
    if (chosen !== null) this.bundlePath = chosen;
  }

  async verify(): Promise<void> {
    const withProject = this.withProject && this.#project.summary !== null;
    this.verifying = true;
    this.verifyFailure = null;
    this.verification = null;
    try {
      this.verification = await this.#connection.engine.reports.verify({
        path: this.bundlePath.trim(),
        withProject,
      });
    } catch (error) {
      this.verifyFailure = this.#wordsOf(error);
    }
    this.verifying = false;
  }

  /** Signing makes one where there is none. */
  async #readKey(): Promise<void> {
    this.publicKey = await this.#toasts.attempt(() => this.#connection.engine.reports.publicKey());
  }

  async #write(caseId: CaseId, keyPath: string | null): Promise<WrittenReport> {
    const { desktop } = this.#connection;
    if (this.form === 'pdf' && desktop !== null) {
      const { html, draft } = await this.#connection.engine.reports.preview({ caseId });
      return { ...(await desktop.printReport({ html, path: this.path.trim() })), draft };
    }
    const request = { caseId, form: this.form, path: this.path.trim(), sign: this.sign, keyPath };
    return this.#connection.engine.reports.write(request);
  }

  /** null: an unexpected failure, which is shown as such. */
  #wordsOf(error: unknown): string | null {
    if (error instanceof AppError) return error.message;
    this.#toasts.error(error);
    return null;
  }

  async #chooseExport(path: string): Promise<string | null> {
    const { desktop } = this.#connection;
    if (desktop === null) return null;
    const suggestedName = path.split(/[/\\]/).at(-1) ?? '';
    return this.#toasts.attempt(() => desktop.chooseExport({ suggestedName }));
  }

  #besideTheProject(caseName: string, form: ReportForm): string {
    const projectPath = this.#project.summary?.path ?? '';
    const folder = projectPath.replace(/[/\\][^/\\]*[/\\]?$/, '');
    const slash = projectPath.includes('\\') ? '\\' : '/';
    const plain = caseName.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
    return `${folder}${slash}${plain === '' ? 'case' : plain}.${endings[form]}`;
  }
}
