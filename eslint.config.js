import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import n from 'eslint-plugin-n';
import unicorn from 'eslint-plugin-unicorn';

const pure = ['src/base/**', 'src/core/**', 'src/protocols/**', 'src/policy/**', 'signers/**'];

const noClock = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Time is a port.',
};
const noRoomNames = {
  selector: 'Literal[value=/^(lightspark|lighter|ethereum)$/]',
  message: 'Only a room may say its own name.',
};

export default defineConfig(
  // The kernel is AssemblyScript; its compiler checks it.
  {
    ignores: [
      'dist/**',
      'node_modules/**',
      'coverage/**',
      'signers/lighter/kernel/**',
      '*.config.js',
      '*.cjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['scripts/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { 'import-x': importX, n, unicorn },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      '@typescript-eslint/promise-function-async': 'off',
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'typeLike', format: ['PascalCase'] },
        {
          selector: 'variable',
          modifiers: ['const', 'global'],
          types: ['boolean', 'string', 'number'],
          format: ['camelCase', 'UPPER_CASE'],
        },
        { selector: 'function', format: ['camelCase'] },
      ],
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': 'off',
      'n/no-process-env': 'error',
      'n/prefer-node-protocol': 'error',
      'unicorn/filename-case': ['error', { case: 'kebabCase' }],
      'no-console': 'error',
      eqeqeq: 'error',
      'max-params': ['error', 4],
      complexity: ['warn', 12],
      'no-restricted-globals': [
        'error',
        { name: 'Buffer', message: 'Use Uint8Array and src/base/bytes.ts.' },
      ],
    },
  },
  {
    files: pure,
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Buffer', message: 'Use Uint8Array.' },
        { name: 'fetch', message: 'I/O belongs in src/adapters.' },
        { name: 'setTimeout', message: 'Time is a port.' },
        { name: 'process', message: 'The environment is a port.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is a port.' },
        { object: 'Math', property: 'random', message: 'Randomness is a port.' },
      ],
      'no-restricted-syntax': ['error', noClock],
    },
  },
  {
    // A later entry replaces an earlier one for the same rule, so this repeats noClock.
    files: ['src/core/**', 'src/http/**', 'src/adapters/**', 'src/policy/**'],
    rules: { 'no-restricted-syntax': ['error', noClock, noRoomNames] },
  },
  { files: ['src/main.ts', 'src/config.ts'], rules: { 'n/no-process-env': 'off' } },
);
