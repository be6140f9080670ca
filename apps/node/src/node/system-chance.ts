import { randomUUID } from 'node:crypto';
import type { Chance } from '@dfnsjs/actor-core/ports';

export const systemChance: Chance = {
  random: () => Math.random(),
  uuid: () => randomUUID(),
};
