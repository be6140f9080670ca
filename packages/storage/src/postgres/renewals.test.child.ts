import pg from 'pg';

/**
 * Moves the store's clock while the process that started this stands still: `node … URL INCARNATION LEASE_MS ROLE`.
 * 'kept': over three leases, each time after the renewal of the half before. 'lost': until the lease is over, whatever
 * is renewed meanwhile; ends with 1 if it never is.
 */
const [url, incarnation, lease, role] = process.argv.slice(2);
const leaseMs = Number(lease);
const client = new pg.Client({ connectionString: url! });
await client.connect();

const advance = (ms: number) => client.query('UPDATE dfns.test_clock SET ms = ms + $1', [ms]);
const leftMs = async () => {
  const { rows } = await client.query<{ left: number }>(
    'SELECT lease_until - dfns.clock_ms() AS left FROM dfns.node WHERE incarnation = $1',
    [incarnation],
  );
  return rows[0]!.left;
};

if (role === 'kept') {
  for (let half = 0; half < 6; half++) {
    await advance(leaseMs / 2);
    while ((await leftMs()) < leaseMs);
  }
} else {
  const givesUpAt = performance.now() + 20_000;
  for (;;) {
    await advance(leaseMs / 20);
    if ((await leftMs()) <= 0) break;
    if (performance.now() > givesUpAt) process.exitCode = 1;
    if (process.exitCode) break;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
await client.end();
