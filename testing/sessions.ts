/** @file ONNX Runtime sessions for tests, released when the test file ends. */
import { afterAll } from 'vitest';
import type { Feeds, Fetches, Program, Session } from '../src/core/execution/executor.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';

const executor = createOrtExecutor();
const sessions: Session[] = [];

afterAll(async () => {
  for (const session of sessions) await session.dispose();
});

export async function openProgram(program: Program): Promise<Session> {
  const session = await executor.open(program);
  sessions.push(session);
  return session;
}

export async function runProgram(program: Program, feeds: Feeds): Promise<Fetches> {
  return (await openProgram(program)).run(feeds);
}
