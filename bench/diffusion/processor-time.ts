/** @file Time that work took of the processor. Studies use one thread, so this is what it takes on a machine that does nothing else, however busy this one is. */
export async function processorSeconds<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; seconds: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}
