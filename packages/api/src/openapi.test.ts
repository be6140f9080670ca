import { Validator } from '@seriousme/openapi-schema-validator';
import test from 'ava';
import { BINDINGS, type Binding } from '@dfnsjs/client/http';
import { openApi } from './openapi.ts';

test('the document is valid OpenAPI 3.1', async t => {
  const { valid, errors } = await new Validator().validate(structuredClone(openApi('1.2.3')));
  t.true(valid, JSON.stringify(errors));
});

test('every operation stands in it once, with each field of its path', t => {
  const operations = Object.entries(openApi('1').paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );
  t.is(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  for (const [name, binding] of Object.entries<Binding>(BINDINGS)) {
    if (binding.variant) continue;
    const operation = operations.find(({ operationId }) => operationId === name);
    t.is(operation?.method.toUpperCase(), binding.method, name);
    const inPath = operation?.parameters?.filter(parameter => parameter['in'] === 'path') ?? [];
    t.deepEqual(
      inPath.map(parameter => `:${String(parameter['name'])}`),
      [...binding.path.matchAll(/:\w+/g)].map(String),
      name,
    );
  }
});

test('what a start must have, what it may have, and what that is by default', t => {
  const body = openApi('1').paths['/v1/executions']?.['post']?.requestBody as {
    content: { 'application/json': { schema: { required: string[]; properties: Record<string, object> } } };
  };
  const { required, properties } = body.content['application/json'].schema;
  t.deepEqual(required, ['workflow']);
  t.like(properties['onConflict'], { default: 'fail', enum: ['fail', 'use-existing', 'terminate-existing'] });
  t.false('namespace' in properties);
  t.like(properties['idempotencyKey'], { type: 'string' });
});

test('times are date-times, payloads anything, errors of executions their own schema', t => {
  const document = JSON.stringify(openApi('1').paths['/v1/executions/{id}']?.['get']?.responses);
  t.regex(document, /"startedAt":\{"type":"string","format":"date-time"\}/);
  t.regex(document, /"input":\{"description":"Any JSON value\."\}/);
  t.regex(document, /"error":\{"\$ref":"#\/components\/schemas\/ExecutionError"\}/);
});
