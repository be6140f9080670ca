import type { Chance } from '@dfnsjs/actor-core/ports';
import { randomUUID } from 'node:crypto';

let lastMs = 0;
let prefix = '';

/**
 * UUIDs of version 7 (RFC 9562): milliseconds, then 74 random bits. What is made in one stretch sorts together, so that
 * a store's index by id is written at its end and not all over.
 */
function uuid(): string {
  const ms = Date.now();
  if (ms !== lastMs) {
    lastMs = ms;
    const time = ms.toString(16).padStart(12, '0');
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }
  // Version 4 has its random bits in the same places behind the time.
  return prefix + randomUUID().slice(15);
}

export const systemChance: Chance = { random: () => Math.random(), uuid };
