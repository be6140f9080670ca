import test from 'ava';
import type { Schema } from '@dfnsjs/actor-core';
import { z } from 'zod';
import { declaredSchema } from './declared-schema.ts';

const given = z.object({ n: z.number().default(1) });
const told = { type: 'object', properties: { n: { type: 'number', default: 1 } } };

/** A schema as its library made it, with another `~standard`. */
function withStandard(schema: Schema, standard: object): Schema {
  return Object.create(schema, { '~standard': { value: standard } }) as Schema;
}

test('a schema that tells its JSON Schema is asked, for the side that is meant', t => {
  t.like(declaredSchema(given, 'input'), told);
  t.is(declaredSchema(given, 'input')?.['required'], undefined);
  t.deepEqual(declaredSchema(given, 'output')?.['required'], ['n']);
});

test('a schema of zod from before it could tell is told by zod', t => {
  const { vendor, version, validate } = given['~standard'];
  t.like(declaredSchema(withStandard(given, { vendor, version, validate }), 'input'), told);
  t.is(declaredSchema(withStandard(given, { vendor: 'other', version, validate }), 'input'), undefined);
});

test('what has no JSON Schema, or throws when it is asked, is not known', t => {
  t.is(declaredSchema(z.date(), 'input'), undefined);
  t.is(declaredSchema(undefined, 'input'), undefined);
  t.is(declaredSchema(withStandard(given, { vendor: 'other', version: 1, jsonSchema: {} }), 'input'), undefined);
});

test('it is JSON and nothing else', t => {
  const schema = declaredSchema(given, 'input');
  t.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
  t.deepEqual(Object.getOwnPropertyNames(schema).sort(), ['$schema', 'properties', 'type']);
});
