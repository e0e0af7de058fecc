/** @file A project that the command line, a second start or the file manager asks for. */
import path from 'node:path';

/** The last argument that names a `.whence` folder, made absolute; null where none does. */
export function projectArgument(words: readonly string[], workingDirectory: string): string | null {
  const named = words.findLast((word) => !word.startsWith('-') && /\.whence[\\/]?$/.test(word));
  return named === undefined ? null : path.resolve(workingDirectory, named);
}
