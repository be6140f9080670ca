import test from 'ava';
import { isFailure } from 'dfns';
import { createTestCluster, mockTask, verifyDurable } from 'dfns/testing';
import { agent, transcript } from './agent.ts';
import { askModel } from './model.ts';
import { multiply, search } from './tools.ts';

const call = (tool: string, input = {}) => ({ text: '…', calls: [{ id: tool, tool, input }] });

test('the model is told what its tools gave, and its answer is the agent’s', async t => {
  const model = mockTask(askModel)
    .returnsOnce(call('multiply', { a: 6, b: 7 }))
    .returns({ text: 'It is 42.', calls: [] });
  const cluster = await createTestCluster({ workflows: [agent], mocks: [model] });
  const handle = await cluster.client.start(agent, { question: 'What is 6 by 7?' });
  t.deepEqual(await handle.result(), { text: 'It is 42.', turns: 2 });
  t.deepEqual((await handle.query(transcript)).slice(-2), [
    { role: 'tool', id: 'multiply', text: '42' },
    { role: 'model', text: 'It is 42.', calls: [] },
  ]);
  await cluster.stop();
});

test('a model that is down for a while is asked again, and paid once', async t => {
  const model = mockTask(askModel)
    .failsOnce('529: overloaded')
    .failsOnce('529: overloaded')
    .returns({ text: 'Here.', calls: [] });
  const cluster = await createTestCluster({ workflows: [agent], mocks: [model] });
  t.deepEqual(await cluster.client.execute(agent, { question: 'Where?' }), { text: 'Here.', turns: 1 });
  t.is(new Set(model.calls.map(each => each.idempotencyKey)).size, 1);
  await cluster.stop();
});

test('a tool that fails, is called wrongly or does not exist is told to the model, which goes on', async t => {
  const model = mockTask(askModel)
    .returnsOnce({
      text: '…',
      calls: [...call('search', { query: 'life' }).calls, ...call('multiply', { a: 'x' }).calls],
    })
    .returnsOnce(call('dance'))
    .returns({ text: 'I give up.', calls: [] });
  const cluster = await createTestCluster({ workflows: [agent], mocks: [model, mockTask(search).fails('No index.')] });
  const handle = await cluster.client.start(agent, { question: 'Why?' });
  t.is((await handle.result()).text, 'I give up.');
  const told = (await handle.query(transcript)).filter(({ role }) => role === 'tool').map(({ text }) => text);
  t.regex(told[0]!, /^It failed: .*No index/);
  t.regex(told[1]!, /^It failed: The input of task "multiply"/);
  t.is(told[2], 'There is no tool "dance"; there are search, multiply.');
  await cluster.stop();
});

test('an agent that comes to no end is out of turns', async t => {
  const model = mockTask(askModel).returns(call('multiply', { a: 1, b: 1 }));
  const cluster = await createTestCluster({ workflows: [agent], mocks: [model, mockTask(multiply).returns(1)] });
  const error = await t.throwsAsync(cluster.client.execute(agent, { question: 'Why?', maxTurns: 3 }));
  t.true(isFailure(error, agent, 'OutOfTurns'));
  t.is(model.calls.length, 3);
  await cluster.stop();
});

test('it comes to the same wherever it is lost', async t => {
  t.is(
    (await verifyDurable(agent, { question: 'How many hours has a leap year?' })).text,
    'A leap year has 8784 hours.',
  );
});
