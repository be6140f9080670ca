import type { DefinitionsReply } from '@dfnsjs/client';
import { writeSegment, type JsonSchema } from '@dfnsjs/client/http';
import { schemaOfBody, type OpenApi, type OpenApiOperation } from './openapi.ts';

type Json = Readonly<Record<string, unknown>>;

/** Starts, whose input is of the workflow that they name. */
const STARTS = ['/v1/executions', '/v1/signal-with-start', '/v1/update-with-start'];

/**
 * The document with what workflows declare: a start takes the input of the workflow that it names, and each declared
 * signal, query and update is a path of its own beside the one for any name, with its schemas. Several workflows may
 * declare one name: then it takes what any of them does. All schemas are components, so that generators make types of
 * them.
 */
export function withDefinitions(document: OpenApi, { workflows }: DefinitionsReply): OpenApi {
  const schemas = new Schemas();
  const inputs = new Map<string, (JsonSchema | undefined)[]>();
  const messages = new Map<string, Message>();
  for (const { name, version, input, output, ...declared } of workflows) {
    const of = `${name}.v${version}`;
    inputs.set(name, [...(inputs.get(name) ?? []), schemas.add(`${of}.input`, input)]);
    schemas.add(`${of}.output`, output);
    for (const kind of ['signal', 'query', 'update'] as const) {
      for (const each of declared[COLLECTIONS[kind]] as readonly Declared[]) {
        const key = `${kind} ${each.name}`;
        const message = messages.get(key) ?? { kind, name: each.name, workflows: new Set(), inputs: [], outputs: [] };
        messages.set(key, message);
        message.workflows.add(name);
        message.inputs.push(schemas.add(`${of}.${kind}.${each.name}.input`, each.input));
        message.outputs.push(schemas.add(`${of}.${kind}.${each.name}.output`, each.output));
      }
    }
  }
  const paths = { ...document.paths };
  if (inputs.size > 0)
    for (const path of STARTS) paths[path] = { ...paths[path], post: startOf(paths[path]!['post']!, inputs) };
  const ids = new Names();
  for (const message of messages.values()) {
    const [path, operation] = pathOf(message, document, ids);
    paths[path] = { post: operation };
  }
  const components = document['components'] as { readonly schemas: Json };
  return { ...document, paths, components: { ...components, schemas: { ...components.schemas, ...schemas.added } } };
}

interface Declared {
  readonly name: string;
  readonly input?: JsonSchema;
  readonly output?: JsonSchema;
}

interface Message {
  readonly kind: 'signal' | 'query' | 'update';
  readonly name: string;
  readonly workflows: Set<string>;
  readonly inputs: (JsonSchema | undefined)[];
  readonly outputs: (JsonSchema | undefined)[];
}

const COLLECTIONS = { signal: 'signals', query: 'queries', update: 'updates' } as const;

function pathOf(message: Message, { paths }: OpenApi, ids: Names): [string, OpenApiOperation] {
  const { kind, name } = message;
  const base = `/v1/executions/{id}/${COLLECTIONS[kind]}`;
  const any = paths[`${base}/{name}`]!['post']!;
  const ok = any.responses[200];
  const input = anyOf(message.inputs);
  const output = kind === 'signal' ? undefined : anyOf(message.outputs);
  return [
    `${base}/${writeSegment(name)}`,
    {
      ...any,
      operationId: ids.take(`${kind}_${name.replaceAll(/\W/g, '_')}`),
      summary: `The ${kind} ${JSON.stringify(name)} of ${[...message.workflows].join(', ')}. ${any.summary}`,
      parameters: (any.parameters ?? []).filter(each => each['name'] !== 'name'),
      ...(input ? { requestBody: body(input, false) } : {}),
      responses:
        output && ok ? { ...any.responses, 200: { ...ok, content: jsonContent(resultOf(output)) } } : any.responses,
    },
  ];
}

function startOf(operation: OpenApiOperation, inputs: ReadonlyMap<string, (JsonSchema | undefined)[]>) {
  const schema = schemaOfBody(operation);
  const named = [...inputs].map(([name, versions]) => {
    const input = anyOf(versions);
    return { title: name, properties: { workflow: { const: name }, ...(input ? { input } : {}) } };
  });
  const other = { title: 'Any other', properties: { workflow: { not: { enum: [...inputs.keys()] } } } };
  return { ...operation, requestBody: body({ ...schema, oneOf: [...named, other] }, true) };
}

function resultOf(result: JsonSchema): JsonSchema {
  return { type: 'object', properties: { result }, required: ['result'] };
}

function body(schema: JsonSchema, required: boolean): Json {
  return { required, content: jsonContent(schema) };
}

function jsonContent(schema: JsonSchema): Json {
  return { 'application/json': { schema } };
}

/** undefined where one of them is not known: then any value may be. */
function anyOf(schemas: readonly (JsonSchema | undefined)[]): JsonSchema | undefined {
  const known = schemas.filter(schema => schema !== undefined);
  if (known.length === 0 || known.length < schemas.length) return undefined;
  return known.length === 1 ? known[0] : { anyOf: known };
}

/** Names of which each is given once. */
class Names {
  readonly #taken = new Set<string>();

  take(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }
}

/** Schemas as components, whose own references lead to where they stand now. */
class Schemas {
  readonly added: Record<string, JsonSchema> = {};
  readonly #names = new Names();

  /** Its reference. */
  add(wanted: string, schema: JsonSchema | undefined): JsonSchema | undefined {
    if (!schema) return undefined;
    const name = this.#names.take(wanted.replaceAll(/[^\w.-]/g, '_'));
    const { $schema: _, $id: _id, ...rest } = schema;
    const $ref = `#/components/schemas/${name}`;
    this.added[name] = moved(rest, $ref) as JsonSchema;
    return { $ref };
  }
}

/** Keywords whose keys are names, and those whose values are values: in neither is `$ref` a reference. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const VALUES = new Set(['const', 'enum', 'default', 'examples']);

function moved(schema: unknown, root: string): unknown {
  if (Array.isArray(schema)) return schema.map(each => moved(each, root));
  if (typeof schema !== 'object' || schema === null) return schema;
  return mapped(schema, (keyword, value) => {
    if (VALUES.has(keyword)) return value;
    if (keyword === '$ref' && typeof value === 'string') return value.startsWith('#') ? root + value.slice(1) : value;
    const isNamed = NAMED.has(keyword) && typeof value === 'object' && value !== null;
    return isNamed ? mapped(value, (_, each) => moved(each, root)) : moved(value, root);
  });
}

function mapped(object: object, change: (key: string, value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]));
}
