import { openApi, type OpenApiOperation } from '../../../packages/api/dist/openapi.js';
import { code, page, table } from './markdown.ts';

/** What of parameters, bodies and answers the page tells, and of their schemas. */
interface Node {
  readonly $ref?: string;
  readonly description?: string;
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean | readonly string[];
  readonly schema?: Node;
  readonly content?: { readonly 'application/json'?: { readonly schema: Node } };
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
}

const DOCUMENT = openApi('');

/** The routes of a node, as its OpenAPI document has them. */
export function httpPage(): string {
  const operations = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const rows = operations.map(({ path, method, operation }) => [
    `[${code(`${method} ${path}`)}](#${operation.operationId.toLowerCase()})`,
    operation.summary,
  ]);
  return page('HTTP', [
    'The routes of a node. The same as OpenAPI 3.1 is served at `/v1/openapi.json`, and to read at `/v1/docs`. ' +
      'Answers that are no success have the shape `{ "error": { "code", "message", "requestId", "details"? } }`.',
    DOCUMENT.info.description,
    table(['route', 'does'], rows),
    ...operations.map(({ path, method, operation }) => section(path, method, operation)),
  ]);
}

function section(path: string, method: string, operation: OpenApiOperation): string {
  const parts = [`### ${operation.operationId}`, `${code(`${method} ${path}`)}: ${operation.summary}`];
  const { parameters = [], requestBody } = operation;
  if (parameters.length > 0) parts.push(table(['parameter', 'in', 'is', 'meaning'], parameters.map(parameterRow)));
  const body = requestBody && schemaOf(requestBody);
  if (body) parts.push(`Body:${fieldsOf(body)}`);
  const answers = Object.entries<Node>(operation.responses).filter(([status]) => status !== 'default');
  parts.push(...answers.map(([status, answer]) => `${status}: ${answer.description ?? ''}${answerOf(answer)}`));
  return parts.join('\n\n');
}

function parameterRow(given: Node): readonly string[] {
  const { name = '', in: where = '', required, schema = {}, description = '' } = resolved(given);
  return [code(name), where, `${typeOf(schema)}${required === true ? ', required' : ''}`, description];
}

function answerOf(answer: Node): string {
  const schema = schemaOf(answer);
  return schema?.properties || schema?.anyOf ? fieldsOf(schema) : '';
}

function schemaOf({ content }: Node): Node | undefined {
  const json = content?.['application/json'];
  return json && resolved(json.schema);
}

/** Fields in a list; of a schema without fields what it is. */
function fieldsOf(schema: Node): string {
  const { properties, required } = schema;
  if (!properties) return ` ${schema.description ?? typeOf(schema)}`;
  const needed = Array.isArray(required) ? required : [];
  const lines = Object.entries(properties).map(([name, field]) => {
    const { description, default: preset } = resolved(field);
    const said = [
      typeOf(field) + (needed.includes(name) ? ', required' : ''),
      ...(preset === undefined ? [] : [`default ${code(JSON.stringify(preset))}`]),
      ...(description === undefined ? [] : [description]),
    ];
    return `- ${code(name)}: ${said.join('; ')}`;
  });
  return `\n\n${lines.join('\n')}`;
}

function typeOf({ $ref, type = 'any', format, enum: values, const: only, anyOf, oneOf, items }: Node): string {
  if ($ref !== undefined) return $ref.split('/').at(-1)!;
  if (values) return values.map(value => code(JSON.stringify(value))).join(', ');
  if (only !== undefined) return code(JSON.stringify(only));
  const either = anyOf ?? oneOf;
  if (either) return either.map(typeOf).join(' or ');
  if (type === 'array') return `list of ${items ? typeOf(items) : 'any'}`;
  return format === undefined ? type : `${type} (${format})`;
}

function resolved(given: Node): Node {
  if (given.$ref === undefined) return given;
  const path = given.$ref.slice(2).split('/');
  return path.reduce<unknown>((at, part) => (at as Readonly<Record<string, unknown>>)[part], DOCUMENT) as Node;
}
