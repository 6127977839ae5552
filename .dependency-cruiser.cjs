/**
 * The import law of ARCHITECTURE.md, executable: imports only go down.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const layer = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|signers)/', pathNot: [from, ...allowed] },
});

const policyVocabulary = '^src/policy/(facts|decision)\\.ts$';

module.exports = {
  forbidden: [
    layer('base-imports-nothing', '^src/base/', []),
    layer('signers-import-base-only', '^signers/', ['^src/base/']),
    layer('policy-imports-base-only', '^src/policy/', ['^src/base/']),
    layer('core-knows-no-room-and-no-io', '^src/core/', ['^src/base/', '^src/policy/']),
    layer('rooms-know-core-and-their-signer', '^src/protocols/', [
      '^src/base/',
      '^src/core/',
      '^signers/',
      policyVocabulary,
    ]),
    layer('adapters-implement-ports', '^src/adapters/', [
      '^src/base/',
      '^src/core/',
      '^signers/',
      '^src/protocols/[^/]+/(clients|ports)\\.ts$',
      policyVocabulary,
    ]),
    layer('http-drives-core', '^src/http/', [
      '^src/base/',
      '^src/core/',
      '^src/protocols/[^/]+/(index|clients|ports)\\.ts$',
      policyVocabulary,
    ]),
    layer('cli-asks-compose-for-parts', '^src/cli/', [
      '^src/base/',
      '^src/core/',
      '^src/(compose|config)\\.ts$',
    ]),
    {
      name: 'rooms-do-not-visit-each-other',
      severity: 'error',
      from: { path: '^src/protocols/([^/]+)/' },
      to: { path: '^src/protocols/([^/]+)/', pathNot: '^src/protocols/$1/' },
    },
    {
      name: 'signers-do-not-visit-each-other',
      severity: 'error',
      from: { path: '^signers/([^/]+)/' },
      to: { path: '^signers/([^/]+)/', pathNot: '^signers/$1/' },
    },
    {
      name: 'pure-code-does-no-io',
      severity: 'error',
      from: { path: '^(src/(base|core|protocols|policy)|signers)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(util|crypto)$' },
    },
    {
      name: 'ffi-behind-one-door',
      severity: 'error',
      from: { pathNot: '^src/adapters/lighter-native/koffi-library\\.ts$' },
      to: { path: 'node_modules/koffi' },
    },
    {
      name: 'native-curve-behind-one-door',
      severity: 'error',
      from: { pathNot: '^src/adapters/native-curve\\.ts$' },
      to: { path: 'node_modules/secp256k1/' },
    },
    {
      name: 'native-curve-without-its-fallback',
      severity: 'error',
      from: {},
      to: { path: 'node_modules/(elliptic|secp256k1/(?!bindings\\.js$))' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^(src|signers)/', pathNot: ['\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'no-dev-deps-in-product',
      severity: 'error',
      from: { path: '^(src|signers)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript, which is compiled by itself and imports nothing from outside.
    exclude: { path: '^signers/lighter/kernel/' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
