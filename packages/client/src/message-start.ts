import {
  DfnsError,
  type AnyWorkflowReference,
  type AttributesOf,
  type AttributeValues,
  type SignalsOf,
  type StartOptions,
  type UpdatesOf,
} from '@dfnsjs/actor-core';
import { parseName, readOptions } from '@dfnsjs/actor-core/values';
import type { CallOptions } from './call-options.ts';
import type { Given, Got, Named, StartedHandle } from './handle-types.ts';

/** Start options of a call that brings a message along: `onConflict` is 'use-existing' by default. */
type WithStartOptions<Workflow> = StartOptions<AttributeValues<AttributesOf<Workflow>>> & CallOptions;

type Part<Key extends string, Value> = undefined extends Value
  ? { readonly [K in Key]?: Value }
  : { readonly [K in Key]: Value };

type SignalPart<Signal> = Signal extends { readonly name: string }
  ? { readonly name: Signal | Signal['name'] } & Part<'payload', Given<Signal>>
  : never;

/** Of `signalWithStart`: options of the start, and the signal. */
export type SignalWithStartOptions<Workflow extends AnyWorkflowReference> = WithStartOptions<Workflow> & {
  /** By its definition or its name. */
  readonly signal: SignalPart<SignalsOf<Workflow>>;
};

type UpdateOf<Workflow extends AnyWorkflowReference, Update> = Update extends string
  ? Named<UpdatesOf<Workflow>, Update>
  : Update;

/** Of `updateWithStart`: options of the start, and the update. */
export type UpdateWithStartOptions<Workflow extends AnyWorkflowReference, Update> = WithStartOptions<Workflow> & {
  /** By its definition or its name. */
  readonly update: { readonly name: Update } & Part<'input', Given<UpdateOf<Workflow, Update>>>;
};

/** What `updateWithStart` resolves to. */
export interface UpdateWithStart<Workflow extends AnyWorkflowReference, Update> {
  readonly handle: StartedHandle<Workflow>;
  /** What the update's handler returned. */
  readonly result: Got<UpdateOf<Workflow, Update>>;
}

export interface MessageStart {
  /** The start options, whose default is to use what exists. */
  readonly start: unknown;
  readonly name: string;
  readonly value: unknown;
}

/** Takes the message out of the options of a start. */
export function readMessageStart(
  options: unknown,
  kind: 'signal' | 'update',
  valueName: 'payload' | 'input',
): MessageStart {
  const call = `${kind}WithStart`;
  if (typeof options !== 'object' || options === null) throw missing(call, kind, valueName);
  const { [kind]: message, ...start } = options as Record<string, unknown>;
  if (typeof message !== 'object' || message === null) throw missing(call, kind, valueName);
  const given = readOptions(message, `${kind} of ${call}`, ['name', valueName]) as Record<string, unknown>;
  const named = given['name'] as string | { readonly name: string } | undefined;
  const name = parseName(typeof named === 'object' ? named.name : named, `The name of the ${kind} of ${call}`);
  return { start: { onConflict: 'use-existing', ...start }, name, value: given[valueName] };
}

function missing(call: string, kind: string, valueName: string): DfnsError {
  return new DfnsError('VALIDATION', `${call} needs ${kind}: { name, ${valueName} } among its options.`);
}
