import { parseName } from '../ids/name.ts';
import { readOptions } from '../options/known-options.ts';
import { type Schema, readSchema } from './schema.ts';

/** The schema of a signal. */
export interface SignalOptions<Input, Payload> {
  /** Parsed where the signal is sent. */
  readonly input?: Schema<Input, Payload> | undefined;
}

/** A signal, whatever its types. */
export interface AnySignal {
  readonly kind: 'signal';
  readonly name: string;
  readonly inputSchema: Schema | undefined;
}

/** A signal: `Payload` is what workflows get, `Input` what senders give. */
export interface SignalDefinition<out Name extends string, out Payload, in Input = Payload> extends AnySignal {
  readonly name: Name;
  readonly '~types'?: { readonly input: (input: Input) => void; readonly payload: Payload };
}

/** What a workflow gets from a signal. */
export type PayloadOf<Signal> = Signal extends { readonly '~types'?: { readonly payload: infer Payload } | undefined }
  ? Payload
  : never;

/**
 * Defines a message that a workflow takes and does not answer.
 *
 * ```ts
 * const approval = signal('approval', { input: z.object({ by: z.string() }) });
 * const nudge = signal('nudge');                                // no payload
 * const note = signal<'note', { text: string }>('note');        // typed, unchecked
 * ```
 */
export function signal<Name extends string, Payload = void, Input = Payload>(
  name: Name,
  options?: SignalOptions<Input, Payload>,
): SignalDefinition<Name, Payload, Input> {
  parseName(name, 'The name of a signal');
  const what = `signal ${JSON.stringify(name)}`;
  const { input } = readOptions(options, what, ['input']);
  return Object.freeze({ kind: 'signal', name, inputSchema: readSchema(input, `input of ${what}`) });
}
