import { query, signal, task, update, workflow } from 'dfns';
import { z } from 'zod';

export const Order = z.object({ item: z.string(), price: z.number(), quantity: z.int().min(1) });
export const Receipt = z.object({ charged: z.number(), approvedBy: z.string(), parcel: z.string() });

export const approval = signal('approval', { input: z.object({ by: z.string(), ok: z.boolean() }) });
export const status = query('status', { output: z.object({ stage: z.string(), quantity: z.int() }) });
export const setQuantity = update('set-quantity', { input: z.int().min(1), output: z.int() });

export const charge = task(
  { name: 'charge', retry: { initial: '150ms' }, timeout: '10s' },
  async (amount: number, t) => {
    t.deps.ledger.started('charge', t.attempt, t.idempotencyKey);
    return t.deps.gateway.charge(amount, t.idempotencyKey);
  },
);

export const ship = task({ name: 'ship', timeout: '10s' }, async (parcel: { item: string; quantity: number }, t) => {
  t.deps.ledger.started('ship', t.attempt, t.idempotencyKey);
  return t.deps.carrier.ship(`${parcel.quantity} × ${parcel.item}`, t.idempotencyKey);
});

/** An order from its start to its parcel. Whatever dies meanwhile, it goes on where it was. */
export const order = workflow(
  { name: 'order', input: Order, output: Receipt, signals: [approval], queries: [status], updates: [setQuantity] },
  async (ctx, input) => {
    let { quantity } = input;
    let stage = 'waiting for approval';
    ctx.on(status, () => ({ stage, quantity }));
    ctx.on(setQuantity, wanted => (quantity = wanted), {
      validate() {
        if (stage !== 'waiting for approval') throw new Error(`Too late: the order is ${stage}.`);
      },
    });

    const answer = await ctx.waitForSignal(approval, { timeout: '7d', else: { by: 'nobody', ok: false } });
    if (!answer.ok) throw new Error(`The order was not approved by ${answer.by}.`);

    stage = 'being charged';
    const charged = await ctx.run(charge, input.price * quantity);

    stage = 'cooling off';
    await ctx.sleep('1s');

    stage = 'being shipped';
    const parcel = await ctx.run(ship, { item: input.item, quantity });
    return { charged, approvedBy: answer.by, parcel };
  },
);
