import { parseName } from '../ids/name.ts';
import { readOptions } from '../options/known-options.ts';
import { type Schema, readSchema } from './schema.ts';

/** Schemas of an update. */
export interface UpdateOptions<Input, Parsed, Returned, Output> {
  /** Parsed where the update is sent. */
  readonly input?: Schema<Input, Parsed> | undefined;
  /** Parses what the handler returns. */
  readonly output?: Schema<Returned, Output> | undefined;
}

/** An update, whatever its types. */
export interface AnyUpdate {
  readonly kind: 'update';
  readonly name: string;
  readonly inputSchema: Schema | undefined;
  readonly outputSchema: Schema | undefined;
}

/** An update: `Input` and `Output` are its caller's, `Parsed` and `Returned` its handler's. */
export interface UpdateDefinition<
  out Name extends string,
  in Input,
  out Output,
  out Parsed = Input,
  in Returned = Output,
> extends AnyUpdate {
  readonly name: Name;
  readonly '~types'?: {
    readonly input: (input: Input) => void;
    readonly output: Output;
    readonly parsed: Parsed;
    readonly returned: (returned: Returned) => void;
  };
}

/**
 * Defines a message that a workflow may refuse, may act on for a while, and answers.
 *
 * ```ts
 * const setQuantity = update('set-quantity', { input: z.number().int(), output: z.number() });
 * const rename = update<'rename', string, void>('rename');       // typed, unchecked
 * ```
 */
export function update<Name extends string, Parsed = void, Returned = unknown, Input = Parsed, Output = Returned>(
  name: Name,
  options?: UpdateOptions<Input, Parsed, Returned, Output>,
): UpdateDefinition<Name, Input, Output, Parsed, Returned> {
  parseName(name, 'The name of an update');
  const what = `update ${JSON.stringify(name)}`;
  const { input, output } = readOptions(options, what, ['input', 'output']);
  return Object.freeze({
    kind: 'update',
    name,
    inputSchema: readSchema(input, `input of ${what}`),
    outputSchema: readSchema(output, `output of ${what}`),
  });
}
