import { Validator } from '@seriousme/openapi-schema-validator';
import test from 'ava';
import type { WorkflowDefinition } from '@dfnsjs/client';
import { openApi, type OpenApiOperation } from './openapi.ts';
import { withDefinitions } from './openapi-definitions.ts';

const NODE = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    next: { $ref: '#' },
    tag: { $ref: '#/$defs/tag' },
  },
  $defs: { tag: { type: 'string' } },
};

function declared(name: string, parts: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  return { name, version: 1, latest: true, signals: [], queries: [], updates: [], ...parts };
}

const WORKFLOWS = [
  declared('order', { input: NODE, output: { type: 'number' }, signals: [{ name: 'go', input: { type: 'string' } }] }),
  declared('order', { version: 2, input: { type: 'boolean' } }),
  declared('größe/1', {
    input: {},
    signals: [{ name: 'go', input: { type: 'number' } }, { name: 'g o' }],
    queries: [{ name: 'state', output: { type: 'string' } }],
    updates: [
      { name: 'g-o', input: { type: 'string' } },
      { name: 'g.o', output: { type: 'null' } },
    ],
  }),
];
const document = withDefinitions(openApi('1'), { workflows: WORKFLOWS, tasks: [] });
const schemas = (document['components'] as { readonly schemas: Readonly<Record<string, unknown>> }).schemas;
const post = (path: string) => document.paths[path]?.['post'] as OpenApiOperation;

test('the document stays valid, and each operation has a name of its own', async t => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  t.true(valid, JSON.stringify(errors));
  const ids = Object.values(document.paths).flatMap(each => Object.values(each).map(({ operationId }) => operationId));
  t.is(new Set(ids).size, ids.length);
  t.true(ids.includes('update_g_o') && ids.includes('update_g_o_2'));
});

test('a start takes the input of the workflow that it names, of any version; any other workflow any input', t => {
  for (const path of ['/v1/executions', '/v1/signal-with-start', '/v1/update-with-start']) {
    const body = post(path).requestBody as { content: { 'application/json': { schema: { oneOf: unknown[] } } } };
    t.deepEqual(body.content['application/json'].schema.oneOf, [
      {
        title: 'order',
        properties: {
          workflow: { const: 'order' },
          input: {
            anyOf: [{ $ref: '#/components/schemas/order.v1.input' }, { $ref: '#/components/schemas/order.v2.input' }],
          },
        },
      },
      {
        title: 'größe/1',
        properties: {
          workflow: { const: 'größe/1' },
          input: { $ref: '#/components/schemas/gr__e_1.v1.input' },
        },
      },
      { title: 'Any other', properties: { workflow: { not: { enum: ['order', 'größe/1'] } } } },
    ]);
  }
});

test('references of a schema lead to where it stands; what only looks like one stays', t => {
  t.deepEqual(schemas['order.v1.input'], {
    type: 'object',
    properties: {
      next: { $ref: '#/components/schemas/order.v1.input' },
      tag: { $ref: '#/components/schemas/order.v1.input/$defs/tag' },
    },
    $defs: { tag: { type: 'string' } },
  });
  t.deepEqual(schemas['order.v1.output'], { type: 'number' });
  const odd = { properties: { $ref: { const: { $ref: '#/a' }, default: { $ref: '#/b' } } }, enum: [{ $ref: '#' }] };
  const { components } = withDefinitions(openApi('1'), { workflows: [declared('odd', { input: odd })], tasks: [] });
  t.like(components, { schemas: { 'odd.v1.input': odd } });
});

test('each declared signal, query and update is a path with its schemas, beside the one for any name', t => {
  const go = post('/v1/executions/{id}/signals/go');
  t.is(go.operationId, 'signal_go');
  t.true(go.parameters?.some(({ name }) => name === 'id') && !go.parameters.some(({ name }) => name === 'name'));
  t.like(go.requestBody, {
    content: {
      'application/json': {
        schema: {
          anyOf: [
            { $ref: '#/components/schemas/order.v1.signal.go.input' },
            { $ref: '#/components/schemas/gr__e_1.v1.signal.go.input' },
          ],
        },
      },
    },
  });
  const any = post('/v1/executions/{id}/signals/{name}');
  // What it takes is not known.
  t.deepEqual(post('/v1/executions/{id}/signals/g%20o').requestBody, any.requestBody);
  t.like(post('/v1/executions/{id}/queries/state').responses[200], {
    content: {
      'application/json': {
        schema: { properties: { result: { $ref: '#/components/schemas/gr__e_1.v1.query.state.output' } } },
      },
    },
  });
  t.truthy(post('/v1/executions/{id}/updates/g-o').responses[202]);
});
