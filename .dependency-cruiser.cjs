/** Who may import whom. The reasons are printed with each finding. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    only(
      'no-circular',
      'A cycle means two files are one idea: merge them or extract the shared part.',
      {},
      { circular: true },
    ),
    only(
      'core-is-pure',
      'core runs anywhere: no Node, no native package, no engine.',
      { path: '^src/core', pathNot: '\\.test\\.ts$' },
      { pathNot: '^src/core', path: '.+' },
    ),
    only(
      'base-stands-alone',
      'base is the vocabulary that everyone shares.',
      { path: '^src/core/base', pathNot: '\\.test\\.ts$' },
      { pathNot: '^src/core/base' },
    ),
    only(
      'contract-is-vocabulary',
      'contract may use core/base, zod and the bitmap that sets of images cross in.',
      { path: '^src/contract', pathNot: '\\.test\\.ts$' },
      { pathNot: '^src/(contract|core/base)|node_modules/(zod|typedfastbitset)' },
    ),
    only(
      'sqlite-in-storage',
      'SQL lives in engine/storage only.',
      { pathNot: '^(src/engine/storage|bench|tools|testing)' },
      { path: 'node_modules/better-sqlite3' },
    ),
    only(
      'ort-in-runtime',
      'ONNX Runtime lives in engine/runtime only, behind the Executor port.',
      { pathNot: '^(src/engine/runtime|bench)' },
      { path: 'node_modules/onnxruntime-node' },
    ),
    only(
      'sharp-in-images',
      'Image decoding lives in engine/images only.',
      { pathNot: '^(src/engine/images|tools|testing|bench|e2e)' },
      { path: 'node_modules/sharp' },
    ),
    only(
      'engine-without-electron',
      'The engine is a Node program; it must run without Electron.',
      { path: '^src/(engine|cli|server)' },
      { path: 'node_modules/electron|^src/(main|preload|renderer)' },
    ),
    only(
      'engine-below-shells',
      'cli and server are clients of the engine, never the other way.',
      { path: '^src/engine' },
      { path: '^src/(cli|server)' },
    ),
    only(
      'shell-sees-contract-only',
      'main, preload and renderer reach the engine through the contract.',
      { path: '^src/(main|preload|renderer)' },
      { path: '^src/(core/(?!base)|engine|cli|server)' },
    ),
    only(
      'renderer-is-sandboxed',
      'The renderer has no Node.',
      { path: '^src/renderer', pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['core'] },
    ),
    only(
      'ui-knows-no-domain',
      'ui and format know no domain.',
      { path: '^src/renderer/(ui|format)' },
      { path: '^src/(contract|renderer/(state|screens|host))' },
    ),
    only(
      'screens-through-state',
      'Screens reach the engine only through state.',
      { path: '^src/renderer/screens' },
      { path: '^src/renderer/host' },
    ),
    only(
      'tests-import-downwards',
      'Nothing that ships imports a test or a fixture.',
      { path: '^src', pathNot: '\\.test\\.ts$' },
      { path: '\\.test\\.ts$|^(testing|e2e|bench|tools)' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(out|dist|offline)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.svelte.ts', '.js', '.mjs', '.svelte'],
    },
  },
};
