import type { StandardSchemaV1 } from '@standard-schema/spec';
import { DfnsError, validation } from '../errors/dfns-error.ts';
import { kindOf } from '../options/known-options.ts';

/** Any Standard Schema: zod, valibot, arktype, … `Input` is what callers give, `Output` what code gets. */
export type Schema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output>;

/** The schema of an option, or undefined where none is given. */
export function readSchema(value: unknown, what: string): Schema | undefined {
  if (value === undefined || isSchema(value)) return value;
  throw validation(`${what} must be a Standard Schema (zod, valibot, arktype, …), got ${kindOf(value)}.`);
}

function isSchema(value: unknown): value is Schema {
  // arktype's schemas are functions.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value))
    return false;
  const standard = value['~standard'];
  if (typeof standard !== 'object' || standard === null) return false;
  return (
    'version' in standard && standard.version === 1 && 'validate' in standard && typeof standard.validate === 'function'
  );
}

/**
 * The parsed value; a promise of it only if the schema is asynchronous. Without a schema the value itself. VALIDATION
 * names `what` and each issue with its path, and has them in `details.issues`.
 */
export function parseWith<Output>(
  schema: Schema<unknown, Output> | undefined,
  value: Output,
  what: string,
): Output | Promise<Output> {
  if (schema === undefined) return value;
  const result = validate(schema, value, what);
  if (!(result instanceof Promise)) return settle(result, what);
  return result.then(
    settled => settle(settled, what),
    (cause: unknown) => {
      throw schemaThrew(what, cause);
    },
  );
}

/** As `parseWith`, where there is no time to wait; an asynchronous schema is VALIDATION. */
export function parseSyncWith<Output>(
  schema: Schema<unknown, Output> | undefined,
  value: Output,
  what: string,
): Output {
  if (schema === undefined) return value;
  const result = validate(schema, value, what);
  if (!(result instanceof Promise)) return settle(result, what);
  // Its outcome is of no use here, and its failure must not surface as an unhandled rejection.
  result.catch(() => undefined);
  throw validation(`${what} has an asynchronous schema; it must be synchronous here.`);
}

function validate<Output>(schema: Schema<unknown, Output>, value: unknown, what: string) {
  try {
    return schema['~standard'].validate(value);
  } catch (cause) {
    throw schemaThrew(what, cause);
  }
}

function settle<Output>(result: StandardSchemaV1.Result<Output>, what: string): Output {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(issue => ({ path: pathOf(issue), message: issue.message }));
  const listed = issues
    .slice(0, SHOWN_ISSUES)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  if (issues.length > SHOWN_ISSUES) listed.push(`and ${issues.length - SHOWN_ISSUES} more`);
  throw validation(`${what} is not valid: ${listed.join('; ')}`, { issues });
}

const SHOWN_ISSUES = 5;

function schemaThrew(what: string, cause: unknown): DfnsError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new DfnsError('VALIDATION', `${what} could not be validated, its schema threw: ${message}`, { cause });
}

/** `items[2].price` */
function pathOf(issue: StandardSchemaV1.Issue): string {
  let path = '';
  for (const segment of issue.path ?? []) {
    const key = typeof segment === 'object' ? segment.key : segment;
    if (typeof key === 'number') path += `[${key}]`;
    else path += path === '' ? String(key) : `.${String(key)}`;
  }
  return path;
}
