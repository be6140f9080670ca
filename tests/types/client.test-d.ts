import {
  query,
  signal,
  startNode,
  task,
  update,
  workflow,
  type Client,
  type Definitions,
  type Description,
  type DfnsNode,
  type ExecutionState,
  type Handle,
  type NodeInfo,
  type AcceptedUpdate,
  type StartedHandle,
  type Timeline,
} from 'dfns';
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';

declare const client: Client;

const approval = signal('approval', { input: z.object({ by: z.string() }) });
const nudge = signal('nudge');
const stranger = signal('stranger');
const status = query('status', { output: z.enum(['open', 'paid']) });
const since = query('since', { input: z.date(), output: z.number() });
const setQuantity = update('set-quantity', { input: z.coerce.number<string>(), output: z.number() });
const order = workflow(
  {
    name: 'order',
    input: z.object({ n: z.number().default(1) }),
    output: z.object({ total: z.number() }),
    signals: [approval, nudge],
    queries: [status, since],
    updates: [setQuantity],
    attributes: { tier: 'keyword' },
  },
  async (_, input) => ({ total: input.n }),
);
const plain = workflow({ name: 'plain' }, async () => 'done');
declare const handle: StartedHandle<typeof order>;

// case: a start takes what the input's schema takes, and its result is what the output's schema gives
expectTypeOf(client.start(order, {})).resolves.toEqualTypeOf<StartedHandle<typeof order>>();
expectTypeOf(client.execute(order, { n: 2 })).resolves.toEqualTypeOf<{ total: number }>();
expectTypeOf(handle.result()).resolves.toEqualTypeOf<{ total: number }>();

// case: an input of another type is refused
// @ts-expect-error n is a number
void client.start(order, { n: '2' });

// case: an input that a workflow needs cannot be left out
// @ts-expect-error the input is missing
void client.start(order);

// case: a workflow without input is started without one
void client.start(plain);
expectTypeOf(client.execute(plain)).resolves.toEqualTypeOf<string>();

// case: a workflow that is imported as a type alone is named
void client.start<typeof order>('order', { n: 1 });
expectTypeOf(client.execute<typeof order>('order', {})).resolves.toEqualTypeOf<{ total: number }>();
// @ts-expect-error n is a number
void client.start<typeof order>('order', { n: '1' });

// case: attributes are those that the workflow declares
void client.start(order, {}, { id: 'a', attributes: { tier: 'gold' }, timeout: '5s' });
// @ts-expect-error there is no such attribute
void client.start(order, {}, { attributes: { teir: 'gold' } });

// case: an option of another version is refused
// @ts-expect-error there is no delay
void client.start(order, {}, { delay: '1s' });

// case: a declared signal is sent by definition or by name, with its payload
void handle.signal(approval, { by: 'mia' });
void handle.signal('approval', { by: 'mia' });
void handle.signal(nudge);
void handle.signal('nudge', undefined, { timeout: '1s' });

// case: a signal that is not declared, or with another payload, is refused
// @ts-expect-error it is not declared
void handle.signal(stranger);
// @ts-expect-error it is not declared
void handle.signal('stranger');
// @ts-expect-error by is a string
void handle.signal(approval, { by: 1 });
// @ts-expect-error by is a string
void handle.signal('approval', { by: 1 });

// case: a query answers what its schema gives
expectTypeOf(handle.query(status)).resolves.toEqualTypeOf<'open' | 'paid'>();
expectTypeOf(handle.query('since', new Date())).resolves.toEqualTypeOf<number>();
expectTypeOf(handle.query(status, undefined, { atTurn: 3 })).resolves.toEqualTypeOf<'open' | 'paid'>();
// @ts-expect-error the input is missing
void handle.query(since);

// case: waitFor gives its predicate the query's answer
expectTypeOf(handle.waitFor(status, answer => answer === 'paid')).resolves.toEqualTypeOf<'open' | 'paid'>();
// @ts-expect-error there is no such answer
void handle.waitFor(status, answer => answer === 'lost');

// case: an update takes what its schema takes and gives what it gives
expectTypeOf(handle.update(setQuantity, '3')).resolves.toEqualTypeOf<number>();
// @ts-expect-error the schema takes strings
void handle.update('set-quantity', 3);

// case: an accepted update gives what its schema gives
expectTypeOf(handle.startUpdate(setQuantity, '3')).resolves.toEqualTypeOf<AcceptedUpdate<number>>();
expectTypeOf(client.get('a').getUpdate('b').result()).resolves.toBeUnknown();
// @ts-expect-error the schema takes strings
void handle.startUpdate('set-quantity', 3);

// case: a start with a message takes a declared one, by definition or name, with its payload
expectTypeOf(
  client.signalWithStart(order, {}, { id: 'a', signal: { name: approval, payload: { by: 'mia' } } }),
).resolves.toEqualTypeOf<StartedHandle<typeof order>>();
void client.signalWithStart<typeof order>('order', {}, { signal: { name: 'approval', payload: { by: 'mia' } } });
void client.signalWithStart(order, {}, { signal: { name: nudge } });
// @ts-expect-error by is a string
void client.signalWithStart(order, {}, { signal: { name: approval, payload: { by: 1 } } });
// @ts-expect-error it is not declared
void client.signalWithStart(order, {}, { signal: { name: stranger } });
// @ts-expect-error it says no signal
void client.signalWithStart(order, {}, { id: 'a' });
const updated = client.updateWithStart(order, {}, { id: 'a', update: { name: setQuantity, input: '3' } });
expectTypeOf(updated.then(({ result }) => result)).resolves.toEqualTypeOf<number>();
// @ts-expect-error the schema takes strings
void client.updateWithStart(order, {}, { update: { name: 'set-quantity', input: 3 } });

// case: a handle of unknown type takes anything and gives unknown
expectTypeOf(client.get('a')).toEqualTypeOf<Handle>();
void client.get('a').signal('anything', { at: 'all' });
expectTypeOf(client.get('a').query('anything')).resolves.toBeUnknown();
expectTypeOf(client.get('a').result()).resolves.toBeUnknown();
expectTypeOf(client.get(order, 'a')).toEqualTypeOf<Handle<typeof order>>();

// case: a node takes workflows and the options of this version
expectTypeOf(startNode({ workflows: [order, plain], store: 'sqlite:./app.db' })).resolves.toEqualTypeOf<DfnsNode>();
void startNode({ workflows: [], transport: 'nats://localhost', cluster: { secret: 'of the cluster', lease: '5s' } });
// @ts-expect-error there is no such room
void startNode({ workflows: [], cluster: { members: 3 } });
// @ts-expect-error there is no such unit
void startNode({ workflows: [], passivateAfter: '5 minutes' });

// case: a workflow without its function cannot be run by a node
// @ts-expect-error it is not implemented
void startNode({ workflows: [workflow({ name: 'declared' })] });

// case: tasks are not workflows
// @ts-expect-error it is a task
void startNode({ workflows: [task({ name: 'a' }, () => 1)] });

// case: what an execution and the node tell of themselves is typed
expectTypeOf(handle.timeline({ runId: 'r' })).resolves.toEqualTypeOf<Timeline>();
expectTypeOf(handle.state({ atTurn: 3, timeout: '1s' })).resolves.toEqualTypeOf<ExecutionState>();
expectTypeOf(client.describe('order-17')).resolves.toEqualTypeOf<Description>();
expectTypeOf(client.info()).resolves.toEqualTypeOf<NodeInfo>();
expectTypeOf(client.definitions()).resolves.toEqualTypeOf<Definitions>();

// case: a turn is a number
// @ts-expect-error it is text
void handle.state({ atTurn: '3' });

// case: events are told apart by their type, and a reset has nothing of an execution
for await (const event of client.events({ workflow: order, status: ['failed'], id: 'a', after: 'c', timeout: '1h' })) {
  expectTypeOf(event.cursor).toEqualTypeOf<string>();
  if (event.type === 'reset') break;
  expectTypeOf(event.at).toEqualTypeOf<Date>();
  expectTypeOf(event.runId).toEqualTypeOf<string>();
}

// case: a reset names no execution
for await (const event of client.events()) {
  // @ts-expect-error a reset has no id
  void event.id;
}
