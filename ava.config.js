export default {
  files: ['packages/*/dist/**/*.test.js', 'apps/*/dist/**/*.test.js'],
  workerThreads: false,
};
