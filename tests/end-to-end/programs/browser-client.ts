/**
 * The client as a bundler for browsers takes it: nothing of Node can be imported, packages are resolved without the
 * condition "node", and what it sees has no Buffer and no process. Fails with the first thing that does not come back.
 */
import { deepStrictEqual } from 'node:assert';
import { isBuiltin, registerHooks } from 'node:module';

const url = process.argv[2]!;
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (isBuiltin(specifier)) throw new Error(`${context.parentURL} imports ${specifier}, which no browser has.`);
    return nextResolve(specifier, { ...context, conditions: ['browser', 'import', 'default'] });
  },
});
for (const name of ['Buffer', 'process', 'global', 'setImmediate', 'clearImmediate']) {
  const value: unknown = Reflect.get(globalThis, name);
  // Node's own fetch goes on having them.
  const get = () => (new Error().stack?.split('\n')[2]?.includes('node:') ? value : undefined);
  Object.defineProperty(globalThis, name, { get });
}

const { connect, DfnsError } = await import('dfns/client');
const client = connect(url, { namespace: 'ä' });

const cycle: { self?: unknown } = {};
cycle.self = cycle;
const value = {
  text: 'é€🦊'.repeat(100),
  lone: `${'x'.repeat(100)}\ud800`,
  bytes: new Uint8Array([0, 1, 255]),
  map: new Map<unknown, unknown>([[new Date(0), new Set([-0, NaN])]]),
  big: -(2n ** 80n),
  url: new URL('https://example.org/?q=1'),
  cycle,
};
const handle = await client.start('echo', value, { id: '~ä/b' });
const echoed = (await handle.result()) as { readonly url: URL };
deepStrictEqual({ ...echoed, url: echoed.url.href }, { ...value, url: value.url.href });
const refusal = await client.execute('fails', 1).catch((error: unknown) => error);
deepStrictEqual((refusal as { readonly cause: Error }).cause.message, 'no € for 1');
const unknown = await client
  .get('nobody')
  .describe()
  .catch((error: unknown) => error);
deepStrictEqual(unknown instanceof DfnsError && unknown.code, 'NOT_FOUND');
const outcomes = [];
for await (const { error } of client.startMany('echo', [{ input: 1 }, { input: 2, id: '~ä/b', reuse: 'never' }])) {
  outcomes.push(error?.code);
}
deepStrictEqual(outcomes, [undefined, 'ALREADY_EXISTS']);
