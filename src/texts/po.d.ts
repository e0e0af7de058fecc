/** A catalogue, which the build makes a module of. */
declare module '*.po' {
  const texts: Readonly<Record<string, string>>;
  export default texts;
}
