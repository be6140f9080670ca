import test from 'ava';
import type { z } from 'zod';
import { instant, payload, recordedError } from '../operations/payload.ts';
import { BINDINGS, type Binding, type OperationName } from './bindings.ts';
import {
  ERROR,
  IfGiven,
  INSTANT,
  ListOf,
  MAP,
  ObjectWith,
  PAYLOAD,
  PAYLOAD_IF_GIVEN,
  PLAIN,
  type DocumentShape,
} from './document.ts';
import { SCHEMAS, type Schemas } from './schemas.ts';

for (const name of Object.keys(BINDINGS) as OperationName[]) {
  test(`${name}: payloads, errors, instants and maps are where the schemas say`, t => {
    const { takes = PLAIN, gives }: Binding = BINDINGS[name];
    const { request, answer }: Schemas = SCHEMAS[name];
    t.deepEqual(takes, shapeOf(request));
    t.deepEqual(gives, answer && shapeOf(answer));
  });
}

/** Read off zod's own description of a schema. */
function shapeOf(schema: z.ZodType): DocumentShape {
  if (schema === payload) return PAYLOAD;
  if (schema === recordedError) return ERROR;
  if (schema === instant) return INSTANT;
  const { def } = schema as z.ZodType & {
    readonly def: {
      readonly type: string;
      readonly innerType?: z.ZodType;
      readonly element?: z.ZodType;
      readonly shape?: Readonly<Record<string, z.ZodType>>;
    };
  };
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default': {
      const inner = shapeOf(def.innerType!);
      if (inner === PLAIN) return PLAIN;
      return inner === PAYLOAD ? PAYLOAD_IF_GIVEN : new IfGiven(inner);
    }
    case 'array': {
      const element = shapeOf(def.element!);
      return element === PLAIN ? PLAIN : new ListOf(element);
    }
    case 'object': {
      const fields = Object.entries(def.shape!).map(([field, each]) => [field, shapeOf(each)] as const);
      const special = fields.filter(([, shape]) => shape !== PLAIN);
      return special.length === 0 ? PLAIN : new ObjectWith(Object.fromEntries(special));
    }
    case 'map':
      return MAP;
    default:
      return PLAIN;
  }
}
