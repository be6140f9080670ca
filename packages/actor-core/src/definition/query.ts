import { parseName } from '../ids/name.ts';
import { readOptions } from '../options/known-options.ts';
import { type Schema, readSchema } from './schema.ts';

/** Schemas of a query. */
export interface QueryOptions<Input, Parsed, Returned, Output> {
  /** Parsed where the query is asked. */
  readonly input?: Schema<Input, Parsed> | undefined;
  /** Parses what the handler returns. */
  readonly output?: Schema<Returned, Output> | undefined;
}

/** A query, whatever its types. */
export interface AnyQuery {
  readonly kind: 'query';
  readonly name: string;
  readonly inputSchema: Schema | undefined;
  readonly outputSchema: Schema | undefined;
}

/** A query: `Input` and `Output` are its caller's, `Parsed` and `Returned` its handler's. */
export interface QueryDefinition<
  out Name extends string,
  in Input,
  out Output,
  out Parsed = Input,
  in Returned = Output,
> extends AnyQuery {
  readonly name: Name;
  readonly '~types'?: {
    readonly input: (input: Input) => void;
    readonly output: Output;
    readonly parsed: Parsed;
    readonly returned: (returned: Returned) => void;
  };
}

/**
 * Defines a question about a workflow's state; answering it changes nothing.
 *
 * ```ts
 * const status = query('status', { output: z.enum(['open', 'paid']) });
 * const total = query<'total', void, number>('total');           // typed, unchecked
 * ```
 */
export function query<Name extends string, Parsed = void, Returned = unknown, Input = Parsed, Output = Returned>(
  name: Name,
  options?: QueryOptions<Input, Parsed, Returned, Output>,
): QueryDefinition<Name, Input, Output, Parsed, Returned> {
  parseName(name, 'The name of a query');
  const what = `query ${JSON.stringify(name)}`;
  const { input, output } = readOptions(options, what, ['input', 'output']);
  return Object.freeze({
    kind: 'query',
    name,
    inputSchema: readSchema(input, `input of ${what}`),
    outputSchema: readSchema(output, `output of ${what}`),
  });
}
