import { workflow } from '@dfnsjs/actor-core';
import { WorkflowRegistry, type StartRequest } from '@dfnsjs/actor-core/engine';
import test from 'ava';
import { Choices } from './choices.ts';
import type { NodeSettings, SimulatedNode } from './node.ts';
import { World } from './world.ts';

const LEASE_MS = 3_000;
const SETTINGS: NodeSettings = {
  ...{ shards: 1, build: 'b', leaseMs: LEASE_MS, settleMs: 1e9, messagesPerTurn: 1_000 },
  ...{ mailbox: undefined, backlog: undefined, residents: undefined, passivateAfterMs: undefined },
};
const LIMITS = { items: 100, bytes: 4_000_000, itemBytes: 4_000_000 };
const REQUEST: StartRequest = {
  ...{ namespace: 'default', id: 'a', workflow: 'long', version: undefined, input: null, attributes: null },
  ...{ headers: null, onConflict: 'fail', reuse: 'always', idempotency: null, startedBy: null },
};

/** Two nodes, one of which has the body of a step in hand that never ends. */
async function twoNodes() {
  const workflows = new WorkflowRegistry();
  workflows.register(workflow({ name: 'long' }, ctx => ctx.step('long', () => new Promise<void>(() => undefined))));
  const world = new World(1, true, new Choices(), {
    landed: () => undefined,
    put: () => undefined,
    deps: () => ({}),
    workflows: () => workflows,
  });
  const pass = async (ms: number) => {
    const until = world.now + ms;
    await world.settle();
    while ((world.agenda.next ?? Infinity) <= until) await world.step();
  };
  const boot = async (place: string) => {
    const node = world.boot(place, SETTINGS, LIMITS);
    await pass(1_000);
    return node;
  };
  const a = await boot('a');
  await boot('b');
  const started = a.to('default', 'a').start(REQUEST);
  await pass(1_000);
  await started;
  const held = async () => (await world.store.current('default', 'a'))?.held?.code;
  /** The node that has it in hand. */
  const owner = async (): Promise<SimulatedNode> => {
    const [row] = await world.store.shards();
    return world.nodes.find(({ incarnation }) => incarnation === row?.owner)!;
  };
  return { world, pass, boot, held, owner };
}

test('what is in hand at nodes that stand still for longer than their leases is never held for that', async t => {
  const { world, pass, held, owner } = await twoNodes();
  const owners = new Set<unknown>();
  for (let halt = 1; halt <= 8; halt++) {
    const node = await owner();
    owners.add(node.incarnation);
    node.clock.pause();
    await pass(2 * LEASE_MS);
    t.not(await owner(), node, 'the other took it over');
    node.clock.resume();
    await pass(LEASE_MS);
    t.is(await held(), undefined);
  }
  t.is(owners.size, 8, 'each came back as another node');
  t.is((await world.store.deaths()).length, 8);
});

test('what is in hand at nodes that die is held after five of them', async t => {
  const { world, pass, boot, held, owner } = await twoNodes();
  for (let death = 1; death <= 5; death++) {
    t.is(await held(), undefined);
    const node = await owner();
    world.crash(node);
    await pass(2 * LEASE_MS);
    await boot('c');
  }
  t.is(await held(), 'CRASH_LOOP');
});
