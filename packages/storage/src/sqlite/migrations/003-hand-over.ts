/** What the owner of a shard left for the next ones when it gave it up. */
export const HAND_OVER = 'ALTER TABLE shard ADD COLUMN hand_over BLOB;';
