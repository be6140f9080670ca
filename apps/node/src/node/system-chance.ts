import type { Chance } from '@dfnsjs/actor-core/ports';
import { randomUUID } from 'node:crypto';

// As they were before anybody guards them: the engine draws lots in the midst of workflow code.
const { now } = Date;
const { random } = Math;
// An import is what the module exports now: guarded, once it is.
const uuidOfVersion4 = randomUUID;

let lastMs = 0;
let prefix = '';

/**
 * UUIDs of version 7 (RFC 9562): milliseconds, then 74 random bits. What is made in one stretch sorts together, so that
 * a store's index by id is written at its end and not all over.
 */
function uuid(): string {
  const ms = now();
  if (ms !== lastMs) {
    lastMs = ms;
    const time = ms.toString(16).padStart(12, '0');
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }
  // Version 4 has its random bits in the same places behind the time.
  return prefix + uuidOfVersion4().slice(15);
}

export const systemChance: Chance = { random: () => random(), uuid };
