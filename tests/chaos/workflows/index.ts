import { blocking, deadly } from './deadly.ts';
import { entity } from './entity.ts';
import { gatherer, sender } from './fan-in.ts';
import { first } from './first.ts';
import { holds } from './held.ts';
import { large } from './large.ts';
import { longs } from './long.ts';

/** All that the nodes run. */
export const WORKFLOWS = [blocking, deadly, entity, first, gatherer, holds, large, longs, sender];
