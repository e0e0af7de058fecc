/** @file Copyright cases: the list, and one case with its parts. */
import type { Locator, Page } from '@playwright/test';

export class CasesScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  entries(): Locator {
    return this.#main().getByRole('list', { name: 'Cases' }).getByRole('listitem');
  }

  /** Opens a case about every query image of the project. */
  async open(name: string, question: string): Promise<void> {
    await this.#main().getByRole('button', { name: 'Open a case…' }).click();
    const dialog = this.#page().getByRole('dialog', { name: 'Open a case' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    await dialog.getByRole('textbox', { name: 'Question' }).fill(question);
    for (const box of await dialog.getByRole('checkbox').all()) await box.check();
    await dialog.getByRole('button', { name: 'Open the case' }).click();
    await this.parts().waitFor();
  }

  parts(): Locator {
    return this.#main().getByRole('navigation', { name: 'Parts of the case' });
  }

  async goTo(part: string): Promise<void> {
    await this.parts().getByRole('button', { name: part }).click();
  }

  /** The entry of a part, with how it stands. */
  part(title: string): Locator {
    return this.parts().getByRole('button', { name: title });
  }

  async addGroups(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const choice = this.#body().getByRole('combobox', { name: 'Group to add' });
      const option = await choice
        .getByRole('option', { name: new RegExp(`^${name} `) })
        .getAttribute('value');
      await choice.selectOption(option);
      await this.#body().getByRole('button', { name: 'Add to the case' }).click();
      await this.#body()
        .getByRole('textbox', { name: `Rights-holder of ${name}` })
        .waitFor();
    }
  }

  async noteRights(group: string, holder: string, optOut: string): Promise<void> {
    const field = this.#body().getByRole('textbox', { name: `Rights-holder of ${group}` });
    await field.fill(holder);
    await field.press('Tab');
    await this.#body()
      .getByRole('combobox', { name: `Opt-out of ${group}` })
      .selectOption(optOut);
  }

  async takeManifest(): Promise<void> {
    await this.#body().getByRole('button', { name: 'Take the manifest down' }).click();
    await this.#body().getByText('The same images are here.').waitFor();
  }

  async answer(question: string, answer: string, answeredBy: string): Promise<void> {
    const form = this.#body().getByRole('form', { name: question });
    await form.getByText(answer, { exact: true }).click();
    await form.getByRole('textbox', { name: 'Who says so' }).fill(answeredBy);
    await form.getByRole('textbox', { name: 'On what basis' }).fill('A letter');
    await form.getByRole('button', { name: 'Write down' }).click();
    await form.getByText(`says ${answeredBy}`).waitFor();
  }

  /** What the next run of the check at hand would take, or why it cannot be started. */
  estimate(): Locator {
    return this.#runForm().getByRole('status');
  }

  async fill(values: Readonly<Record<string, number>>): Promise<void> {
    for (const [label, value] of Object.entries(values))
      await this.#runForm().getByLabel(label, { exact: true }).fill(String(value));
  }

  async chooseMethod(title: string): Promise<void> {
    await this.#runForm().getByLabel('Method', { exact: true }).selectOption(title);
  }

  /** Of the removal test: the group that the model is trained without. */
  async leaveOut(group: string): Promise<void> {
    const choice = this.#runForm().getByRole('combobox', { name: 'Group that is left out' });
    const option = await choice.getByRole('option', { name: new RegExp(`^${group} `) }).getAttribute('value');
    await choice.selectOption(option);
  }

  async showAllChoices(): Promise<void> {
    await this.#runForm().getByText('More choices').click();
  }

  async run(verb: string): Promise<void> {
    await this.#runForm().getByRole('button', { name: verb, exact: true }).click();
  }

  /** The runs that the check at hand is made of. */
  runs(): Locator {
    return this.#body().getByRole('list', { name: 'Runs of this check' }).getByRole('listitem');
  }

  cover(): Locator {
    return this.#body().getByRole('region', { name: 'Results are covered' });
  }

  async addBlind(): Promise<void> {
    await this.cover()
      .getByRole('button', { name: /^Add \d+ exhibits? blind/ })
      .click();
  }

  async leaveBlindMode(): Promise<void> {
    await this.#main()
      .getByRole('checkbox', { name: /^Blind/ })
      .uncheck();
  }

  exhibits(): Locator {
    return this.#body().getByRole('article', { name: /^Exhibit/ });
  }

  async withdraw(number: number, reason: string): Promise<void> {
    await this.#body()
      .getByRole('button', { name: `Withdraw exhibit ${number}…` })
      .click();
    const form = this.#body().getByRole('form', { name: `Withdraw exhibit ${number}` });
    await form.getByRole('textbox').fill(reason);
    await form.getByRole('button', { name: 'Withdraw', exact: true }).click();
    await form.waitFor({ state: 'detached' });
  }

  async useCodeNames(): Promise<void> {
    await this.#body()
      .getByRole('checkbox', { name: /^Code names in the report/ })
      .check();
  }

  judging(): Locator {
    return this.#body().getByRole('region', { name: 'Judging exhibits' });
  }

  /** How many are judged: '3 of 8 judged'. */
  judged(): Locator {
    return this.judging().getByRole('status');
  }

  /** Judges by key what is at hand. */
  async judge(key: string): Promise<void> {
    await this.#page().keyboard.press(key);
  }

  /** The nearest training images of the query at hand. */
  matches(): Locator {
    return this.#body()
      .getByRole('radiogroup', { name: 'Training images nearest to the query' })
      .getByRole('radio');
  }

  findings(): Locator {
    return this.#body().getByRole('list', { name: 'Findings' }).getByRole('listitem');
  }

  proponents(): Locator {
    return this.#body().getByRole('list', { name: /^Proponents by/ });
  }

  agreement(): Locator {
    return this.#body().getByRole('table', { name: 'Agreement of the methods' });
  }

  /** The bars of the groups, and the share that no group stands out for. */
  bars(): Locator {
    return this.#body().getByRole('img', { name: /^Score of each group/ });
  }

  /** The step of the claim ladder that the results of the part at hand stand on. */
  claim(): Locator {
    return this.#body().getByTestId('claim').first();
  }

  controls(): Locator {
    return this.#body().getByRole('list', { name: 'Controls' }).getByRole('listitem');
  }

  async decide(text: string): Promise<void> {
    const section = this.#body().getByRole('region', { name: 'Decision' });
    await section.getByRole('textbox', { name: 'Decision' }).fill(text);
    await section.getByRole('button', { name: 'Write the decision down' }).click();
    await section.getByText(text).last().waitFor();
  }

  events(): Locator {
    return this.#body().getByRole('list', { name: 'Events of the case, newest first' }).getByRole('listitem');
  }

  async lookAtReport(): Promise<void> {
    await this.#body().getByRole('button', { name: 'Look at the report' }).click();
  }

  /** Everything of the part at hand. */
  body(): Locator {
    return this.#body();
  }

  #runForm(): Locator {
    return this.#body().getByRole('form', { name: 'Another run' });
  }

  #body(): Locator {
    return this.#main().getByRole('region', { name: 'Part of the case' });
  }

  #main(): Locator {
    return this.#page().getByRole('main');
  }
}
