import { createTestCluster } from 'dfns/testing';
import { changePlan, quit, state, subscription } from './subscription.ts';

/** node examples/subscription/main.ts: ten years of a subscription, in virtual time. */
const cluster = await createTestCluster({ workflows: [subscription] });
const handle = await cluster.client.start(subscription, { customer: 'mia' }, { id: 'subscription-mia' });
for (let year = 1; year <= 10; year++) {
  await cluster.sleep('360d');
  if (year === 5) await handle.update(changePlan, 'pro');
  const { plan, paid, months } = await handle.query(state);
  const { runs } = await handle.describe();
  const date = new Date(cluster.now).toISOString().slice(0, 10);
  console.log(`${date}  ${plan.padEnd(5)}  ${months} months, ${paid} € paid, run ${runs.length}`);
}
await handle.signal(quit, { why: 'moved to the woods' });
const { months, paid } = await handle.result();
console.log(`ended after ${months} months, ${paid} € paid`);
await cluster.stop();
