import { type TaskDefinition, TaskError, type TypedFailure, isFailure, task, workflow } from '@dfnsjs/actor-core';
import { expectTypeOf } from 'expect-type';
import { z } from 'zod';

const charge = task(
  {
    name: 'charge',
    errors: { CardDeclined: z.object({ reason: z.string() }), Frozen: z.string().transform(text => new Date(text)) },
  },
  async (input: { card: string }) => input.card.length,
);
declare const error: unknown;

// case: fail takes declared codes, with the data that their schema takes
{
  task({ name: 'a', errors: { CardDeclined: z.object({ reason: z.string() }), Frozen: z.date() } }, (_, t) => {
    expectTypeOf(t.fail('Frozen', new Date(0))).toEqualTypeOf<TypedFailure>();
    // @ts-expect-error not declared
    t.fail('Declined', { reason: 'empty' });
    // @ts-expect-error other data
    t.fail('CardDeclined', { why: 'empty' });
    // @ts-expect-error data of another failure
    t.fail('CardDeclined', new Date(0));
    throw t.fail('CardDeclined', { reason: 'empty' });
  });
  task({ name: 'a', errors: { Until: z.string().transform(text => new Date(text)) } }, (_, t) => {
    throw t.fail('Until', '2020-01-01');
  });
}

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
