import { heldNotice } from '@dfnsjs/client/schemas';
import {
  BATCH,
  BINDINGS,
  jsonSchemaOf,
  placementOf,
  queryNames,
  SCHEMAS,
  type Binding,
  type JsonSchema,
  type OperationName,
  type Schemas,
} from '@dfnsjs/client/http';

type Json = Readonly<Record<string, unknown>>;

export interface OpenApi extends Json {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
}

const NAMESPACE = { $ref: '#/components/parameters/Namespace' };
const KEY = { $ref: '#/components/parameters/IdempotencyKey' };
const TYPES = { $ref: '#/components/parameters/Types' };
const WAIT = { $ref: '#/components/parameters/Wait' };
const LAST_EVENT_ID = { $ref: '#/components/parameters/LastEventId' };
const PROBLEM = { $ref: '#/components/responses/Error' };

/** The routes of a node as OpenAPI 3.1, made of the same bindings as the routes. */
export function openApi(version: string): OpenApi {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const name of Object.keys(BINDINGS) as OperationName[]) {
    const binding: Binding = BINDINGS[name];
    // OpenAPI has one operation a route.
    if (binding.variant) continue;
    const path = (paths[pathOf(binding)] ??= {});
    path[binding.method.toLowerCase()] = operationOf(name);
  }
  paths[BATCH.path] = { post: startBatch() };
  for (const [path, operation] of Object.entries(OTHERS)) paths[path] = { get: operation };
  return {
    openapi: '3.1.0',
    info: {
      title: 'dfns',
      version,
      description:
        'Durable executions. Values are JSON; ?types=tagged keeps those that JSON lacks. The status of an answer ' +
        'speaks of the request, not of the execution. An id or name in a path is percent-encoded, or "~" and base64url of ' +
        'its UTF-8: so must be one that begins with "~", is "." or "..", or reads like a segment of another route (the ' +
        'execution "count" is /v1/executions/~Y291bnQ).',
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, {}],
    paths,
    components: COMPONENTS,
  };
}

/** `/v1/executions/:id` → `/v1/executions/{id}` */
function pathOf({ path }: Binding): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

function operationOf(operationId: OperationName): OpenApiOperation {
  const binding: Binding = BINDINGS[operationId];
  const { path, query } = placementOf(operationId);
  const { shape } = SCHEMAS[operationId].request;
  const parameters: Json[] = [
    ...path.map(name => parameter(name, 'path', shapeSchema(operationId, name), true)),
    ...queryNames(query)
      .filter(name => name !== 'wait')
      .map(name => parameter(name, 'query', querySchema(operationId, name), false)),
    ...('attributes' in query ? [ATTRIBUTES] : []),
    NAMESPACE,
    TYPES,
    ...('lastEventId' in shape ? [LAST_EVENT_ID] : []),
    ...('messageId' in shape || 'idempotencyKey' in shape ? [KEY] : []),
    ...(binding.waits || hasVariant(operationId, 'wait') || operationId === 'start' ? [WAIT] : []),
  ];
  if (operationId === 'history')
    parameters.push(parameter('payloads', 'query', { enum: ['reference', 'inline'] }, false));
  const body = bodyOf(operationId);
  return {
    operationId,
    summary: binding.summary,
    tags: [binding.permission ?? 'about'],
    parameters,
    ...(body ? { requestBody: body } : {}),
    responses: responsesOf(operationId),
  };
}

/** Its bodies are lines: the schemas are of one of them. */
function startBatch(): OpenApiOperation {
  const line = schemaOfBody(operationOf('start'));
  const verdict = {
    type: 'object',
    properties: { line: { type: 'integer' } },
    required: ['line'],
    anyOf: [STARTED, { $ref: '#/components/schemas/Error' }],
  };
  const lines = (schema: JsonSchema) => ({ [BATCH.type]: { schema } });
  return {
    operationId: 'startBatch',
    summary:
      'Starts an execution for each line, and tells what became of each in a line, while further ones come. All lines ' +
      'must come within two minutes: send more in another request.',
    tags: [BINDINGS.start.permission],
    parameters: [NAMESPACE, TYPES, KEY],
    requestBody: { required: true, content: lines(line) },
    responses: {
      200: { description: 'A line for each, in their order, with its number.', content: lines(verdict) },
      default: PROBLEM,
    },
  };
}

/** The schema of the JSON that an operation takes. */
export function schemaOfBody({ requestBody }: OpenApiOperation): JsonSchema {
  const { content } = requestBody as { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  return content['application/json']!.schema;
}

function hasVariant(operation: string, query: string): boolean {
  return Object.values<Binding>(BINDINGS).some(({ variant }) => variant?.of === operation && variant.query === query);
}

function parameter(name: string, where: 'path' | 'query', schema: JsonSchema, required: boolean): Json {
  return { name, in: where, required, schema };
}

const ATTRIBUTES: Json = {
  name: 'attributes',
  in: 'query',
  required: false,
  description: 'attr.NAME=VALUE for each: numbers, true, false and ISO times as they look, strings also in quotes.',
  style: 'form',
  explode: true,
  schema: { type: 'object', additionalProperties: { type: 'string' } },
};

function shapeSchema(operation: OperationName, name: string): JsonSchema {
  const { request }: Schemas = SCHEMAS[operation];
  return jsonSchemaOf(request.shape[name] as never);
}

function querySchema(operation: OperationName, name: string): JsonSchema {
  const [field = name, part] = name.split('.');
  const schema = shapeSchema(operation, field);
  if (part === undefined) return schema;
  return ((schema['properties'] as Record<string, JsonSchema> | undefined) ?? {})[part] ?? {};
}

function bodyOf(operation: OperationName): Json | undefined {
  const binding: Binding = BINDINGS[operation];
  const { body } = placementOf(operation);
  if (binding.body !== undefined)
    return jsonBody({ description: 'Any JSON value; an empty body is undefined.' }, false);
  if (!body) return undefined;
  const { properties = {}, required = [] } = jsonSchemaOf(SCHEMAS[operation].request) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
  };
  const names = Object.keys(body);
  const defaults = binding.defaults ?? {};
  const isRequired = (name: string) => required.includes(name) && !(name in defaults) && name !== 'input';
  const needed = names.filter(isRequired);
  const key = properties['idempotencyKey'];
  return jsonBody(
    {
      type: 'object',
      properties: {
        ...Object.fromEntries(
          names.map(name => [name, { ...properties[name], ...(name in defaults ? { default: defaults[name] } : {}) }]),
        ),
        ...(key ? { idempotencyKey: { ...key, description: 'In place of the header Idempotency-Key.' } } : {}),
      },
      ...(needed.length > 0 ? { required: needed } : {}),
      additionalProperties: false,
    },
    needed.length > 0,
  );
}

function jsonBody(schema: JsonSchema, required: boolean): Json {
  return { required, content: { 'application/json': { schema } } };
}

function responsesOf(operationId: OperationName): Readonly<Record<string, Json>> {
  const binding: Binding = BINDINGS[operationId];
  const responses: Record<string, Json> = { default: PROBLEM };
  if (binding.streams) {
    responses[binding.status] = {
      description: 'Events, one a change. Of type reset: some may be missing, read lists again.',
      content: { 'text/event-stream': { schema: answerSchema(operationId) } },
    };
    return responses;
  }
  responses[binding.status] = answer('Done.', answerSchema(operationId));
  if (binding.status === 201) {
    const schema = operationId === 'start' ? STARTED : answerSchema(operationId);
    responses[201] = answer('It is started.', schema);
    responses[200] = answer('It was there already.', schema);
  }
  if (binding.waits === 'asked') responses[202] = answer('It goes on; ask again.', GOES_ON);
  else if (binding.waits || hasVariant(operationId, 'wait'))
    responses[202] = answer('It goes on; ask again.', { type: 'object' });
  return responses;
}

function answerSchema(operation: OperationName): JsonSchema {
  const schemas: Schemas = SCHEMAS[operation];
  if (schemas.answer) return jsonSchemaOf(schemas.answer);
  if (!('messageId' in schemas.request.shape)) return { type: 'object' };
  return { type: 'object', properties: { messageId: { type: 'string' } }, required: ['messageId'] };
}

function answer(description: string, schema: JsonSchema): Json {
  return { description, content: { 'application/json': { schema } } };
}

/** Of a result that is not there yet. */
const GOES_ON: JsonSchema = {
  type: 'object',
  properties: { status: { const: 'running' }, held: jsonSchemaOf(heldNotice) },
  required: ['status'],
};

const STARTED: JsonSchema = (() => {
  const started = jsonSchemaOf(SCHEMAS.start.answer) as { readonly properties: object; readonly required: string[] };
  const outcome = jsonSchemaOf(SCHEMAS.result.answer) as { readonly properties: object };
  return {
    type: 'object',
    properties: {
      ...started.properties,
      ...outcome.properties,
      status: { type: 'string' },
      held: jsonSchemaOf(heldNotice),
    },
    required: [...started.required, 'status'],
  };
})();

const idParameter: Json = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

const OTHERS: Readonly<Record<string, OpenApiOperation>> = {
  '/v1/executions/{id}/payloads/{ref}': {
    operationId: 'payload',
    summary: 'One payload of a history, by its reference.',
    tags: ['payloads'],
    parameters: [idParameter, { ...idParameter, name: 'ref' }, NAMESPACE, TYPES],
    responses: {
      200: answer('The payload.', {
        type: 'object',
        properties: { ref: { type: 'string' }, size: { type: 'integer' }, value: { description: 'Any JSON value.' } },
        required: ['ref', 'size', 'value'],
      }),
      default: PROBLEM,
    },
  },
  '/v1/whoami': {
    operationId: 'whoami',
    summary: 'What the key of the request may do.',
    tags: ['about'],
    parameters: [NAMESPACE],
    responses: {
      200: answer('Role, namespace and permissions.', {
        type: 'object',
        properties: {
          role: { type: 'string' },
          namespace: { type: 'string' },
          permissions: { type: 'array', items: { type: 'string' } },
        },
        required: ['role', 'namespace', 'permissions'],
      }),
      default: PROBLEM,
    },
  },
  ...Object.fromEntries(
    [
      ['healthz', 'The event loop is alive.'],
      ['readyz', 'The node has joined and is not draining.'],
      ['startupz', 'The first join is done.'],
    ].map(([name = '', summary = '']) => [
      `/${name}`,
      {
        operationId: name,
        summary,
        tags: ['health'],
        security: [],
        responses: {
          200: answer('Yes.', { type: 'object', properties: { status: { type: 'string' } } }),
          503: answer('No.', { type: 'object', properties: { status: { type: 'string' } } }),
        },
      },
    ]),
  ),
};

const COMPONENTS = {
  securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key of the node.' } },
  parameters: {
    Namespace: {
      name: 'X-Dfns-Namespace',
      in: 'header',
      required: false,
      description: 'Percent-encoded where it is not ASCII. Default: the namespace of the key, or "default".',
      schema: { type: 'string' },
    },
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'For 24 h the same key with the same body takes effect once; with another body it is 409.',
      schema: { type: 'string', maxLength: 512 },
    },
    LastEventId: {
      name: 'Last-Event-ID',
      in: 'header',
      required: false,
      description:
        'The id of the last event that was had, of the same namespace and filter: what came after it follows.',
      schema: { type: 'string' },
    },
    Types: {
      name: 'types',
      in: 'query',
      required: false,
      description: 'tagged: { "$dfns": TYPE, "value" } for values that JSON lacks, in bodies and answers.',
      schema: { type: 'string', enum: ['plain', 'tagged'], default: 'plain' },
    },
    Wait: {
      name: 'wait',
      in: 'query',
      required: false,
      description: 'A duration with its unit, at most 55s; at most 1s at a node that is being stopped.',
      schema: { type: 'string', examples: ['10s'] },
    },
  },
  responses: {
    Error: answer('The code says what is wrong, the message what to do.', { $ref: '#/components/schemas/Error' }),
  },
  schemas: {
    Error: {
      type: 'object',
      properties: {
        error: {
          type: 'object',
          properties: {
            code: { type: 'string' },
            message: { type: 'string' },
            requestId: { type: 'string' },
            details: { type: 'object' },
          },
          required: ['code', 'message'],
        },
      },
      required: ['error'],
    },
    ExecutionError: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        message: { type: 'string' },
        code: { type: ['string', 'number'] },
        stack: { type: 'string' },
        cause: { description: 'Another error, or whatever was thrown.' },
        details: { description: 'What the error says of itself.' },
      },
      required: ['name', 'message'],
    },
  },
} as const;
