/** @file What this machine can compute on, and whether it computes the same there. */
import path from 'node:path';
import type { ProviderState, ProviderVerdict } from '../contract/engine-service.ts';
import { createOutput, formatTable, type Streams } from './output.ts';
import { openSession } from './session.ts';

export interface ProviderOptions {
  readonly project?: string;
  readonly test: boolean;
  readonly json: boolean;
}

interface ListedProvider extends ProviderState {
  /** null: not tested. */
  readonly verdict: ProviderVerdict | null;
}

export async function listProviders(streams: Streams, options: ProviderOptions): Promise<void> {
  const session = openSession();
  const output = createOutput(streams, options.json);
  try {
    if (options.project !== undefined)
      await session.client.projects.open({ path: path.resolve(options.project) });
    const { providers } = await session.client.engine.checkMachine();
    const listed: ListedProvider[] = [];
    for (const state of providers) {
      const isTested = options.test && state.available && state.name !== 'cpu';
      if (isTested) output.note(`Testing ${state.name} …`);
      const verdict = isTested ? await session.client.engine.testProvider({ provider: state.name }) : null;
      listed.push({ ...state, verdict });
    }
    output.answer({ providers: listed }, describe(listed));
  } finally {
    await session.close();
  }
}

function describe(listed: readonly ListedProvider[]): string {
  const rows = listed.map(({ name, available, note, verdict }) => [
    name,
    available ? 'available' : 'absent',
    verdict === null ? note : verdictText(verdict),
  ]);
  return formatTable([['provider', 'state', 'note'], ...rows]);
}

function verdictText({ outcome, worstError, speedRatio, reason }: ProviderVerdict): string {
  if (outcome !== 'agrees') return `not trusted: ${reason}`;
  const error = worstError === null ? '' : `, largest relative error ${worstError.toExponential(1)}`;
  const speed = speedRatio === null ? '' : `, ${speedRatio.toPrecision(2)} × the speed of the CPU`;
  return `trusted${error}${speed}`;
}
