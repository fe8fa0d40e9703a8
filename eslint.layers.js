import boundaries from 'eslint-plugin-boundaries';

/** What each layer may import besides itself. See docs/development.md. */
const LAYERS = {
  contract: [],
  engine: ['contract'],
  cli: ['engine', 'contract', 'main'],
  main: ['engine', 'contract'],
  preload: ['contract'],
  renderer: ['contract'],
  bench: ['cli', 'main', 'engine', 'contract'],
  scripts: ['contract', 'engine', 'main'],
  tests: ['contract', 'engine', 'main', 'preload', 'renderer', 'cli', 'bench', 'scripts'],
};

/** Packages that one folder (or few) may import, so that the rest of the code never depends on them. */
const PRIVATE_PACKAGES = {
  'onnxruntime-node': 'engine/models',
  // The icons of a package are drawn with it too.
  sharp: ['engine/image', 'scripts/packaging'],
  'libheif-js': 'engine/image',
  exifreader: 'engine/image',
  '@vladmandic/face-api': 'engine/faces',
  '@tensorflow/tfjs-core': 'engine/faces',
  '@tensorflow/tfjs-backend-wasm': 'engine/faces',
  electron: ['main/electron', 'preload'],
  'better-sqlite3': 'main/library/database',
  chokidar: 'main/library',
  ws: 'main/browser',
  yauzl: 'main/packs',
  'electron-updater': 'main/electron',
  'tar-stream': 'cli',
  commander: 'cli',
  'ml-matrix': 'cli',
};

const layerPolicies = Object.entries(LAYERS).flatMap(([layer, allowed]) => [
  {
    from: { element: { type: layer } },
    disallow: { to: { element: { type: '*' } } },
    message: `Bad layering. ${layer} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other layer'}${allowed.length > 0 ? ' only' : ''}.`,
  },
  { from: { element: { type: layer } }, allow: { to: { element: { type: [layer, ...allowed] } } } },
]);

const contractPolicies = [
  {
    from: { element: { type: 'contract' } },
    disallow: { to: { module: { origin: ['external', 'core'] } } },
    message: 'Bad layering. contract may import zod only.',
  },
  { from: { element: { type: 'contract' } }, allow: { to: { module: { source: 'zod' } } } },
];

const packagePolicies = Object.entries(PRIVATE_PACKAGES).flatMap(([source, folders]) => [
  {
    from: {
      element: { type: ['contract', 'engine', 'main', 'preload', 'renderer', 'cli', 'bench', 'scripts'] },
    },
    disallow: { to: { module: { origin: 'external', source } } },
    message: `Bad layering. ${source} may be imported in ${[folders].flat().join(' and ')} only.`,
  },
  ...[folders].flat().map((folder) => ({
    from: { file: { path: `${folder}/**` } },
    allow: { to: { module: { origin: 'external', source } } },
  })),
]);

/** The layer rule: who may import whom, and which folder owns which package. */
export const layers = {
  files: ['**/*.ts', '**/*.mjs', '**/*.js', '**/*.svelte'],
  plugins: { boundaries },
  settings: {
    'boundaries/elements': Object.keys(LAYERS).map((type) => ({ type, pattern: type, partialMatch: false })),
    'import/resolver': { typescript: { project: './tsconfig.json', alwaysTryTypes: false }, node: true },
  },
  rules: {
    'boundaries/dependencies': [
      'error',
      {
        default: 'allow',
        checkAllOrigins: true,
        checkInternals: true,
        policies: [...layerPolicies, ...contractPolicies, ...packagePolicies],
      },
    ],
  },
};
