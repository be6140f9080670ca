/** How much is open is counted by shard and namespace in the index alone. */
export const OPEN_RUNS = 'CREATE INDEX run_open ON run (shard, namespace) WHERE status = 0;';
