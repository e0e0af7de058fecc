/** @file The window as a person sees it: its screens, and what works on all of them. */
import type { Page } from '@playwright/test';
import type { Session } from '../sessions/session.ts';
import { BrowseScreen } from './browse-screen.ts';
import { CasesScreen } from './cases-screen.ts';
import { ExportDialog } from './export-dialog.ts';
import { GeneratedScreen } from './generated-screen.ts';
import { GroupsScreen } from './groups-screen.ts';
import { HistoryScreen } from './history-screen.ts';
import { HomeScreen } from './home-screen.ts';
import { ImportScreen } from './import-screen.ts';
import { InfluenceScreen } from './influence-screen.ts';
import { ImageIssuesScreen } from './image-issues-screen.ts';
import { ImageMenu } from './image-menu.ts';
import { IssuesScreen } from './issues-screen.ts';
import { Jobs } from './jobs.ts';
import { MapScreen } from './map-screen.ts';
import { MethodsScreen } from './methods-screen.ts';
import { ModelsScreen } from './models-screen.ts';
import { ReportsScreen } from './reports-screen.ts';
import { SettingsScreen } from './settings-screen.ts';
import { SubsetsScreen } from './subsets-screen.ts';
import { Tour } from './tour.ts';
import { WhatIfDialog } from './what-if-dialog.ts';

export const screenNames = [
  'Home',
  'Import',
  'Browse',
  'Map',
  'Issues',
  'Influence',
  'Generated',
  'Groups',
  'Subsets',
  'Cases',
  'Reports',
  'Models',
  'Methods',
  'History',
  'Settings',
] as const;
export type ScreenName = (typeof screenNames)[number];
export const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export type Language = 'en' | 'zh' | 'ja';

export class Whence {
  readonly home = new HomeScreen(() => this.page);
  readonly importing = new ImportScreen(() => this.page);
  readonly browse = new BrowseScreen(() => this.page);
  readonly map = new MapScreen(() => this.page);
  readonly issues = new IssuesScreen(() => this.page);
  readonly imageIssues = new ImageIssuesScreen(() => this.page);
  readonly influence = new InfluenceScreen(() => this.page);
  readonly generated = new GeneratedScreen(() => this.page);
  readonly groups = new GroupsScreen(() => this.page);
  readonly cases = new CasesScreen(() => this.page);
  readonly reports = new ReportsScreen(() => this.page);
  readonly models = new ModelsScreen(() => this.page);
  readonly methods = new MethodsScreen(() => this.page);
  readonly history = new HistoryScreen(() => this.page);
  readonly subsets = new SubsetsScreen(() => this.page);
  readonly settings = new SettingsScreen(() => this.page);
  readonly tour = new Tour(() => this.page);
  readonly whatIf = new WhatIfDialog(() => this.page);
  readonly jobs = new Jobs(() => this.page);
  readonly imageMenu = new ImageMenu(() => this.page);
  readonly exportDialog = new ExportDialog(() => this.page);
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  get page(): Page {
    return this.#session.page;
  }

  /** Starts Whence and waits until the window knows the engine. */
  async start(projectPath?: string): Promise<void> {
    await this.#session.start(projectPath);
    await this.page.getByRole('navigation', { name: 'Screens' }).waitFor();
    if (projectPath !== undefined) await this.page.getByRole('banner').getByRole('strong').waitFor();
  }

  async close(): Promise<void> {
    await this.#session.stop();
  }

  async goTo(screen: ScreenName): Promise<void> {
    const link = this.page
      .getByRole('navigation', { name: 'Screens' })
      .getByTitle(new RegExp(`^${screen}( |$)`));
    await link.click();
  }

  /** Goes to a screen whatever the language. */
  async follow(screen: ScreenName): Promise<void> {
    await this.page.locator(`nav li a[href="#/${screen.toLowerCase()}"]`).click();
  }

  /** Chooses the language of the window, from whichever it is in. */
  async speak(language: Language): Promise<void> {
    await this.follow('Settings');
    await this.page.getByTestId('language').getByRole('combobox').selectOption(language);
    await this.page.locator(`html[lang="${language}"]`).waitFor();
  }

  /** Every text in view and every name of a control, once each. */
  async texts(): Promise<string[]> {
    return this.page.evaluate(() => {
      const found = new Set<string>();
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) found.add(walker.currentNode.textContent?.trim() ?? '');
      for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
        for (const name of ['aria-label', 'title', 'placeholder'])
          found.add(element.getAttribute(name)?.trim() ?? '');
      return [...found];
    });
  }

  async undo(): Promise<void> {
    await this.page.keyboard.press('Control+z');
  }

  async redo(): Promise<void> {
    await this.page.keyboard.press('Control+Shift+z');
  }

  async choose(theme: Theme): Promise<void> {
    const button = this.page.getByRole('banner').getByRole('button', { name: /^Theme:/ });
    while ((await button.getAttribute('aria-label')) !== `Theme: ${theme}`) await button.click();
  }

  /** Runs the first command of the palette that is found by these words. */
  async command(words: string): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await this.page.keyboard.type(words);
    await this.page.keyboard.press('Enter');
  }

  /** Waits until every picture in view has come. */
  async settle(): Promise<void> {
    await this.page.waitForFunction(() => [...document.images].every((image) => image.complete));
    await this.page.evaluate(
      () => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))),
    );
  }

  /** What the window says about the engine, while there is something to say. */
  engineNotice() {
    return this.page.getByRole('main').getByRole('status').filter({ hasText: 'The engine' });
  }

  async resumeInterruptedWork(): Promise<void> {
    await this.page.getByRole('button', { name: 'Resume interrupted work' }).click();
  }
}
