/** @file A command that answered, and whose answer is not the one that was hoped for: it ends with the code 1, and says nothing more. */
export class Unsuccessful extends Error {}
