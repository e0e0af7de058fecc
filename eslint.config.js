import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

const nodeScriptGlobals = Object.fromEntries(
  [
    'process',
    'console',
    'Buffer',
    'URL',
    'fetch',
    'performance',
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'AbortController',
    'TextEncoder',
    'TextDecoder',
    'require',
    'module',
    '__dirname',
  ].map((name) => [name, 'readonly']),
);

/**
 * Of Svelte components, whose types svelte-check checks (with types this linter builds the whole program anew for every component), and of scripts. All
 * other TypeScript is oxlint's, by rules that know types (.oxlintrc.json).
 */
export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'offline/',
      'out/',
      'dist/',
      '.cache/',
      'test-results/',
      'playwright-report/',
      'resources/',
      '**/*.ts',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...svelte.configs.recommended,
  {
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      eqeqeq: 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off', // typed-array reads under noUncheckedIndexedAccess
    },
  },
  {
    files: ['**/*.svelte'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'max-lines-per-function': 'off',
      'no-undef': 'off', // TypeScript checks names
      // State classes hold large plain Maps and Sets on purpose, behind one version counter or replaced whole.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: nodeScriptGlobals },
    rules: { 'no-undef': 'error' },
  },
);
