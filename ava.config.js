export default {
  files: ['packages/*/dist/**/*.test.js', 'apps/*/dist/**/*.test.js', 'tests/**/*.test.ts', 'examples/**/*.test.ts'],
  // What tests/ and examples/ hold runs from its sources, by Node's own stripping of types.
  extensions: { js: true, ts: 'module' },
  workerThreads: false,
  timeout: '2m',
};
