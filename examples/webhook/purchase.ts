import { query, signal, task, TimeoutError, workflow } from 'dfns';
import { z } from 'zod';

/** What the provider tells of a payment: maybe twice, maybe late, maybe before we know of the purchase. */
export const PaymentEvent = z.object({
  id: z.string().min(1),
  type: z.enum(['payment.succeeded', 'payment.refunded']),
  order: z.string().min(1),
  price: z.number().positive(),
  amount: z.number().positive(),
});
export type PaymentEvent = z.infer<typeof PaymentEvent>;

export const payment = signal('payment', { input: PaymentEvent });
export const paidSoFar = query('paid-so-far', { output: z.number() });

export const ship = task({ name: 'ship', timeout: '30s' }, (_order: string, t) => t.idempotencyKey);

/** A purchase waits until it is paid in full, in as many payments as it takes, and is shipped; or for 14 days. */
export const purchase = workflow(
  {
    name: 'purchase',
    input: PaymentEvent.pick({ order: true, price: true }),
    output: z.object({ status: z.enum(['shipped', 'unpaid']), paid: z.number(), payments: z.int() }),
    signals: [payment],
    queries: [paidSoFar],
  },
  async (ctx, { order, price }) => {
    let paid = 0;
    let payments = 0;
    ctx.on(paidSoFar, () => paid);
    try {
      await ctx.scope(
        async ctx => {
          while (paid < price) {
            const { type, amount } = await ctx.waitForSignal(payment);
            payments++;
            paid += type === 'payment.succeeded' ? amount : -amount;
          }
        },
        { timeout: '14d' },
      );
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      return { status: 'unpaid', paid, payments };
    }
    await ctx.run(ship, order);
    return { status: 'shipped', paid, payments };
  },
);
