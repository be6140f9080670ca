import { DfnsError, validation } from '../errors/dfns-error.ts';
import type { FailureRecord } from '../errors/failure-record.ts';
import { parseName } from '../ids/name.ts';
import { kindOf, nearest } from '../options/known-options.ts';
import { type Schema, parseSyncWith, readSchema } from './schema.ts';

/** The declared failures of a definition that declares none. */
export interface NoFailures {}

/** The option `errors`: a schema for the data of each failure, by its code. */
export type FailureSchemas<Failures, FailureInputs> = {
  readonly [Code in keyof Failures]: Schema<unknown, Failures[Code]>;
} & {
  readonly [Code in keyof FailureInputs]: Schema<FailureInputs[Code], unknown>;
};

/**
 * A failure that its task or workflow declares in `errors`: made by `t.fail` and `ctx.fail`, to be thrown. It is an
 * outcome, not an accident: a task that throws it is not tried again.
 */
export class TypedFailure extends DfnsError {
  readonly failure: FailureRecord;

  constructor(message: string, failure: FailureRecord) {
    super('INTERNAL', message);
    this.failure = failure;
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'TypedFailure', writable: true, configurable: true });
  }
}

/** What `fail` and `isFailure` know a definition by. */
interface Failing {
  readonly kind: 'task' | 'workflow';
  readonly name: string;
  readonly errors: ReadonlyMap<string, Schema>;
}

/** Codes and schemas of the option `errors`. */
export function readFailures(value: unknown, what: string): ReadonlyMap<string, Schema> {
  const failures = new Map<string, Schema>();
  if (value === undefined) return failures;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw validation(`errors of ${what} must be an object of schemas, got ${kindOf(value)}.`);
  }
  for (const [code, given] of Object.entries(value)) {
    parseName(code, `A code in errors of ${what}`);
    const schema = readSchema(given, `errors of ${what}: ${JSON.stringify(code)}`);
    if (schema === undefined) throw validation(`errors of ${what}: ${JSON.stringify(code)} has no schema.`);
    failures.set(code, schema);
  }
  return failures;
}

/** The error behind `t.fail` and `ctx.fail`. VALIDATION if the code is not declared or the data breaks its schema. */
export function createFailure(of: Failing, code: string, data: unknown): TypedFailure {
  const schema = of.errors.get(code);
  if (schema === undefined) {
    const near = nearest(code, of.errors.keys());
    const advice = near === undefined ? 'Declare it in errors.' : `Did you mean ${JSON.stringify(near)}?`;
    throw validation(`${of.kind} ${JSON.stringify(of.name)} has no failure ${JSON.stringify(code)}. ${advice}`);
  }
  const parsed = parseSyncWith(schema, data, `The data of failure ${JSON.stringify(code)}`);
  return new TypedFailure(`${of.name} failed: ${code}`, { kind: of.kind, name: of.name, code, data: parsed });
}

/** One of the failures of a definition, told apart by `code`. */
type FailureUnion<Failures> = {
  [Code in keyof Failures & string]: { readonly code: Code; readonly data: Failures[Code] };
}[keyof Failures & string];

/** Whether `error` is a failure that `of` declares; with `code`, whether it is that one. Narrows `error.failure`. */
export function isFailure<Failures, Code extends keyof Failures & string = keyof Failures & string>(
  error: unknown,
  of: Failing & { readonly '~types'?: { readonly failures: Failures } | undefined },
  code?: Code,
): error is Error & { readonly failure: FailureUnion<Pick<Failures, Code>> } {
  // By its record and not by class: an error that was stored or sent is another object.
  if (!(error instanceof Error) || !('failure' in error)) return false;
  const { failure } = error;
  if (typeof failure !== 'object' || failure === null) return false;
  const { kind, name, code: found }: { kind?: unknown; name?: unknown; code?: unknown } = failure;
  return kind === of.kind && name === of.name && (code === undefined ? of.errors.has(String(found)) : found === code);
}
