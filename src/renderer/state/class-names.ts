/** @file A list of class names as somebody has it at hand: a name a line, or a JSON list. */

export function parseClassNames(text: string): string[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) {
    try {
      const parsed: unknown = JSON.parse(trimmed);
      if (Array.isArray(parsed)) return parsed.map(String);
    } catch {
      // Then it is read as lines, and the count will tell.
    }
  }
  return trimmed === '' ? [] : trimmed.split(/\r?\n/).map((line) => line.trim());
}
