import test from 'ava';
import { parseOptions } from './options.ts';

const refused = (options: object) => {
  try {
    parseOptions({ workflows: [], ...options });
  } catch (error) {
    return error instanceof Error ? error.message : undefined;
  }
  return undefined;
};

test('what is not given has its default', t => {
  t.deepEqual(parseOptions({ workflows: [] }), {
    workflows: [],
    tasks: [],
    files: [],
    store: 'memory:',
    transport: undefined,
    cluster: { name: 'dfns', leaseMs: undefined },
    middleware: [],
    deps: {},
    build: undefined,
    namespace: 'default',
    passivateAfterMs: undefined,
    residents: undefined,
    admission: { mailbox: undefined, backlog: undefined, bodies: undefined, lagMs: undefined },
    shards: undefined,
    log: 'info',
    determinism: 'warn',
    maxStallMs: 10_000,
    onStall: 'report',
    metrics: false,
    tracing: undefined,
    retention: undefined,
    drainTimeoutMs: 30_000,
    http: undefined,
  });
});

test('an option that does not exist is refused, with the nearest that does', t => {
  t.is(refused({ workflow: [] }), 'There is no option "workflow" in startNode. Did you mean "workflows"?');
  const of = (options: object) =>
    /^There is no option ("\w+" in .*) of startNode\. Did you mean (.*)\?$/.exec(refused(options) ?? '');
  for (const [options, where, near] of [
    [{ cluster: { nmae: 'a' } }, '"nmae" in cluster', '"name"'],
    [{ http: { prot: 1 } }, '"prot" in http', '"port"'],
    [{ metrics: { statsD: 'udp://localhost' } }, '"statsD" in metrics', '"statsd"'],
    [{ middleware: [{}, { taks: () => undefined }] }, '"taks" in middleware[1]', '"task"'],
  ] as const) {
    t.deepEqual(of(options)?.slice(1), [where, near]);
  }
  t.regex(refused({ qqqqqqqqqqqq: 1 }) ?? '', /Its options are: workflows, tasks, files, store/);
});

for (const name of ['taskQueues', 'payloads']) {
  test(`${name} is refused as an option of another version`, t => {
    t.is(refused({ [name]: {} }), `startNode has no option "${name}" in this version of dfns.`);
  });
}

const WRONG: readonly (readonly [string, object, RegExp])[] = [
  ['workflows', { workflows: undefined }, /^workflows of startNode/],
  ['a workflow', { workflows: [1] }, /^workflows\[0\] of startNode: must be what workflow/],
  ['a task', { tasks: [{}] }, /^tasks\[0\] of startNode: must be what task/],
  ['a store', { store: {} }, /^store of startNode: must be a URL/],
  ['a stall that is too short', { maxStall: 10 }, /^maxStall of startNode: must be at least 1 s/],
  ['a way to stall', { onStall: 'wait' }, /^onStall of startNode/],
  ['a duration', { passivateAfter: 'soon' }, /^passivateAfter must be a duration/],
  ['a namespace', { namespace: '' }, /^namespace must not be empty/],
  ['a count', { residents: 0 }, /^residents of startNode/],
  ['a log', { log: 'loud' }, /^log of startNode: must be one of debug/],
  ['a tracer', { tracing: {} }, /^tracing of startNode: must be a boolean, or a TracerProvider/],
  ['both of a pair', { sticky: false, passivateAfter: '1s' }, /sticky: false puts actors out at once/],
];

for (const [what, options, message] of WRONG) {
  test(`${what} that is wrong is refused by name`, t => t.regex(refused(options) ?? '', message));
}

test('http has defaults; another host than this machine’s own needs keys or insecure', t => {
  const { http } = parseOptions({ workflows: [], http: true });
  t.like(http, { port: 3367, host: '127.0.0.1', apiKeys: [], shutdownDelayMs: 0 });
  t.regex(refused({ http: { host: '0.0.0.0' } }) ?? '', /Give apiKeys.*insecure: true/);
  t.is(refused({ http: { host: '0.0.0.0', insecure: true } }), undefined);
  t.is(refused({ http: { host: '0.0.0.0', apiKeys: 'admin=x' } }), undefined);
  t.is(refused({ http: { host: 'localhost' } }), undefined);
});

test('what is wrong in http is named', t => {
  t.is(refused({ http: { prot: 1 } }), 'There is no option "prot" in http of startNode. Did you mean "port"?');
  t.regex(refused({ http: { port: 70_000 } }) ?? '', /^http\.port of startNode/);
  t.regex(refused({ http: { apiKeys: ['boss=x'] } }) ?? '', /must be one of reader, app/);
  t.regex(refused({ http: 5 }) ?? '', /^http of startNode: must be true or an object/);
});

test('sticky: false passivates at once; durations become milliseconds', t => {
  t.is(parseOptions({ workflows: [], sticky: false }).passivateAfterMs, 0);
  t.is(parseOptions({ workflows: [], passivateAfter: '2m' }).passivateAfterMs, 120_000);
});
