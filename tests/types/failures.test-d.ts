import { type TaskDefinition, TaskError, type TypedFailure, isFailure, task, workflow } from '@dfnsjs/actor-core';
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';

const charge = task(
  {
    name: 'charge',
    errors: { CardDeclined: z.object({ reason: z.string() }), Frozen: z.string().transform(text => new Date(text)) },
  },
  async (input: { card: string }, t) => {
    if (input.card === 'a') throw t.fail('CardDeclined', { reason: 'empty' });
    // @ts-expect-error not declared
    if (input.card === 'b') throw t.fail('Declined', { reason: 'empty' });
    // @ts-expect-error other data
    if (input.card === 'c') throw t.fail('CardDeclined', { why: 'empty' });
    expectTypeOf(t.fail('Frozen', '2020')).toEqualTypeOf<TypedFailure>();
    return 1;
  },
);
declare const error: unknown;

// case: a definition carries the data of its failures
{
  expectTypeOf(charge).toEqualTypeOf<
    TaskDefinition<{ card: string }, number, { CardDeclined: { reason: string }; Frozen: Date }>
  >();
}

// case: isFailure with a code narrows to that failure
{
  if (isFailure(error, charge, 'CardDeclined')) {
    expectTypeOf(error.failure.code).toEqualTypeOf<'CardDeclined'>();
    expectTypeOf(error.failure.data).toEqualTypeOf<{ reason: string }>();
    expectTypeOf(error.message).toEqualTypeOf<string>();
  }
  if (isFailure(error, charge, 'Frozen')) expectTypeOf(error.failure.data).toEqualTypeOf<Date>();
  // @ts-expect-error not declared
  isFailure(error, charge, 'Declined');
}

// case: isFailure without a code narrows to all of them, told apart by code
{
  if (isFailure(error, charge)) {
    if (error.failure.code === 'Frozen') expectTypeOf(error.failure.data).toEqualTypeOf<Date>();
    else expectTypeOf(error.failure.data).toEqualTypeOf<{ reason: string }>();
  }
}

// case: a TaskError narrows too
{
  if (error instanceof TaskError && isFailure(error, charge, 'Frozen')) {
    expectTypeOf(error.attempt).toEqualTypeOf<number>();
    expectTypeOf(error.failure.data).toEqualTypeOf<Date>();
  }
}

// case: a workflow declares failures of its own
{
  const order = workflow({ name: 'order', errors: { OutOfStock: z.object({ sku: z.string() }) } }, async ctx => {
    // @ts-expect-error other data
    if (ctx.random() > 0.5) throw ctx.fail('OutOfStock', 'a');
    throw ctx.fail('OutOfStock', { sku: 'a' });
  });
  if (isFailure(error, order, 'OutOfStock')) expectTypeOf(error.failure.data).toEqualTypeOf<{ sku: string }>();
}

// case: a definition without failures has none to narrow to
{
  const plain = task({ name: 'plain' }, () => 1);
  // @ts-expect-error
  isFailure(error, plain, 'CardDeclined');
  task({ name: 'plain' }, (_, t) => {
    // @ts-expect-error
    throw t.fail('CardDeclined', 1);
  });
}

// case: the schema of a failure must be one
{
  // @ts-expect-error
  task({ name: 'a', errors: { CardDeclined: 'text' } }, () => 1);
}
