import { BINDINGS, pathFields, standsInQuery, type Binding } from './bindings.ts';
import { PLAIN } from './document.ts';
import { IN_HEADERS } from './headers.ts';
import { writeQuery } from './query-text.ts';
import { inBase64, writeSegment } from './segment.ts';

/** A request of an operation, any of them. */
export type OperationRequest = Record<string, unknown>;

/** What `readRequest` reads again. */
export interface WrittenRequest {
  /** With its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** A document; `hasBody` tells undefined from none. */
  readonly body: unknown;
  readonly hasBody: boolean;
}

/** What a path must not read like that was written from another route with fields. */
const LITERAL_PATHS: ReadonlySet<string> = new Set(Object.values<Binding>(BINDINGS).map(({ path }) => path));

export function writeRequest(binding: Binding, request: OperationRequest): WrittenRequest {
  const { takes = PLAIN } = binding;
  const document = takes.write(request) as OperationRequest;
  const inPath = pathFields(binding);
  const path = writePath(binding, request);
  const rest = Object.keys(document).filter(
    name => !inPath.includes(name) && !IN_HEADERS.includes(name) && name !== binding.body,
  );
  const query = new URLSearchParams();
  writeQuery(
    pick(
      document,
      rest.filter(name => standsInQuery(binding, name)),
    ),
    query,
  );
  if (binding.variant) query.set(binding.variant.query, binding.variant.value);
  if (binding.body !== undefined) return { path, query, body: document[binding.body], hasBody: true };
  const inBody = rest.filter(name => !standsInQuery(binding, name));
  if (inBody.length === 0) return { path, query, body: undefined, hasBody: false };
  return { path, query, body: pick(document, inBody), hasBody: true };
}

/** Whose fields are written so that the path is no other route's: `/v1/executions/count` is none of an execution. */
function writePath({ path }: Binding, request: OperationRequest): string {
  const fill = (write: (text: string) => string) =>
    path.replaceAll(/:(\w+)/g, (_, name: string) => write(String(request[name])));
  const written = fill(writeSegment);
  return written !== path && LITERAL_PATHS.has(written) ? fill(inBase64) : written;
}

function pick(document: OperationRequest, names: readonly string[]): OperationRequest {
  return Object.fromEntries(names.map(name => [name, document[name]]));
}
