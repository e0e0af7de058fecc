/** @file Names of settings in English. */

/** 'learningRate' → 'Learning rate'. */
export function fieldTitle(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, (_, before: string, letter: string) => {
    return `${before} ${letter.toLowerCase()}`;
  });
  return words.charAt(0).toUpperCase() + words.slice(1);
}
