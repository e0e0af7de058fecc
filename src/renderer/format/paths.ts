/** @file File paths as text; both kinds of slash. */

/** 'a/b/c.png' → 'c.png'. */
export function fileName(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? path;
}

/** Keeps the head and the file's name: '/home/ann/…/c.png'. */
export function shortenPath(path: string, maximumLength: number): string {
  if (path.length <= maximumLength) return path;
  const tail = path.slice(-Math.floor(maximumLength * 0.6));
  return `${path.slice(0, maximumLength - tail.length - 1)}…${tail}`;
}
