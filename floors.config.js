/**
 * Which code may import which. `npm run floors` makes rules of these tables.
 *
 * - `floors`: bottom to top, the first is floor 1. A room is a folder or file of src; `a+b` is one room of two. It
 *   imports itself and rooms of lower floors, never one beside or above it. Entry points, which package.json names,
 *   stand above all floors. Every file needs a room.
 * - `imports`: packages of this repository that the package may import, by their entry points.
 * - `libraries`: other packages, each with the rooms that may import it.
 * - `node`: whether it may import `node:*`; a string names the rooms that may.
 * - `suites`: rooms beside the floors that entry points and tests import: what every driver must pass.
 *
 * Tests keep to the same rules as the code that they stand beside.
 */
export const packages = {
  'packages/actor-core': {
    floors: [
      'errors+bounds seeded-random',
      'ids time payload',
      'options execution',
      'message command',
      'journal',
      'ports',
      'definition',
      'state',
      'context task',
      'workflow',
      'actor',
      'replay',
      'values',
      'engine',
      'behaviour',
    ],
    imports: [],
    libraries: { msgpackr: 'payload journal', '@standard-schema/spec': 'definition' },
    node: false,
  },

  'packages/client': {
    floors: [
      'operations',
      'action-inputs start-verdict',
      'middleware',
      'call-options environment web-environment descriptions filter pages spans node-info',
      'handle-types',
      'message-start start-many events',
      'handle',
      'client http',
      'connect',
    ],
    imports: ['packages/actor-core'],
    libraries: { zod: 'operations http' },
    node: false,
  },

  'packages/api': {
    floors: [
      'auth body request-id idempotency-key origin traffic turnstile waits streams in-order openapi+openapi-definitions',
      'error-reply docs-page',
      'routes',
      'server',
    ],
    imports: ['packages/actor-core', 'packages/client'],
    libraries: { fastify: 'error-reply routes server' },
    node: true,
  },

  'packages/storage': {
    floors: ['batch ownership rows', 'blobs memory sqlite postgres', 'payload', 'open+migrate+archive'],
    suites: 'conformance',
    imports: ['packages/actor-core'],
    libraries: { 'better-sqlite3': 'sqlite', pg: 'postgres' },
    node: true,
  },

  'packages/cluster': {
    floors: [
      'membership placement fairness transport events',
      'shards limits queues workers schedules bulk deadlocks',
      'routing',
      'operations',
      'cluster-node+cluster-node-options+node-incarnation',
    ],
    imports: ['packages/actor-core', 'packages/client'],
    libraries: { piscina: 'workers', msgpackr: 'transport', nats: 'transport' },
    node: true,
  },

  'packages/telemetry': {
    floors: ['log-fields', 'prometheus statsd opentelemetry pino terminal metered-store', 'open'],
    imports: ['packages/actor-core'],
    libraries: { 'prom-client': 'prometheus', pino: 'pino', '@opentelemetry/api': 'opentelemetry' },
    node: true,
  },

  'packages/testing': {
    floors: [
      'world lint',
      'mocks',
      'test-cluster+time-skip+stuck load invariants',
      'simulate+shrink+verify-durable+replay+live-check',
    ],
    imports: ['packages/actor-core', 'packages/client', 'packages/cluster', 'packages/storage'],
    libraries: { eslint: 'lint', estree: 'lint' },
    node: true,
  },

  'apps/node': {
    floors: [
      'node-version',
      'watchdog',
      'options',
      'config user-code',
      'node',
      'cli templates',
      'verbs',
      'program+main+completion',
    ],
    imports: [
      'packages/actor-core',
      'packages/api',
      'packages/client',
      'packages/cluster',
      'packages/storage',
      'packages/telemetry',
      'packages/testing',
    ],
    libraries: { zod: 'options', commander: 'program', chokidar: 'cli' },
    node: true,
  },

  'packages/dfns': {
    floors: [],
    imports: ['packages/actor-core', 'packages/client', 'packages/storage', 'packages/testing', 'apps/node'],
    libraries: {},
    node: false,
  },
};

/** What tests import besides. */
export const testLibraries = [
  'ava',
  '@dfnsjs/nats-server',
  '@dfnsjs/postgres-server',
  'zod',
  'eslint',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/context-async-hooks',
  '@seriousme/openapi-schema-validator',
];
