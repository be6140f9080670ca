import type { Incarnation, ShardId } from '@dfnsjs/actor-core/records';

/** A member owns at most this many times the mean. */
const LOAD_BOUND = 1.1;

export interface RingMember {
  readonly incarnation: Incarnation;
  /**
   * Of the process's place in the cluster, the same after a restart: an address, not an incarnation, so that a rolling
   * deploy gives each place its shards back.
   */
  readonly place: string;
}

/**
 * Who is to own each shard. Pure: everybody who knows the same members comes to the same answer, in whatever order they
 * are listed, so nobody coordinates. Rendezvous hashing (Thaler and Ravishankar 1998) with bounded load (Mirrokni,
 * Thorup and Zadimoghaddam 2018): pairs of shard and member are taken by falling weight, and a member that has its share
 * takes no more. A member that joins or leaves moves little more than its own share. Without members: an empty map.
 *
 * @param may whether the member may own the shard at all. One that only full members may own goes to one of them all the
 *   same; one that none may own, to whoever is first.
 */
export function placeShards(
  shards: number,
  members: readonly RingMember[],
  may: (shard: ShardId, member: RingMember) => boolean = () => true,
): ReadonlyMap<ShardId, Incarnation> {
  const placed = new Map<ShardId, Incarnation>();
  if (members.length === 0) return placed;
  const most = Math.ceil((shards / members.length) * LOAD_BOUND);
  const room = new Map(members.map(({ incarnation }) => [incarnation, most]));
  const pairs = byWeight(shards, members);
  const wanted = pairs.filter(({ shard, member }) => may(shard, member));
  for (const { shard, member } of wanted) {
    const left = room.get(member.incarnation)!;
    if (left === 0 || placed.has(shard)) continue;
    placed.set(shard, member.incarnation);
    room.set(member.incarnation, left - 1);
    if (placed.size === shards) break;
  }
  for (const { shard, member } of [...wanted, ...pairs]) {
    if (placed.size === shards) break;
    if (!placed.has(shard)) placed.set(shard, member.incarnation);
  }
  return placed;
}

/** Of these, the member that hashing would give the shard to, whatever the others have; undefined of none. */
export function nearest(shard: ShardId, members: readonly RingMember[]): Incarnation | undefined {
  const pairs = members.map(member => ({ shard, member, weight: weightOf(shard, hashText(member.place)) }));
  return pairs.sort(heaviestFirst)[0]?.member.incarnation;
}

interface Pair {
  readonly shard: ShardId;
  readonly member: RingMember;
  readonly weight: number;
}

function byWeight(shards: number, members: readonly RingMember[]): readonly Pair[] {
  const pairs: Pair[] = [];
  for (const member of members) {
    const seed = hashText(member.place);
    for (let shard = 0; shard < shards; shard++) {
      pairs.push({ shard: shard as ShardId, member, weight: weightOf(shard, seed) });
    }
  }
  return pairs.sort(heaviestFirst);
}

function weightOf(shard: number, seed: number): number {
  return mix(seed ^ mix(shard + 1));
}

/** Two places of one weight, and two members of one place, are told apart by their incarnations. */
function heaviestFirst(a: Pair, b: Pair): number {
  return b.weight - a.weight || a.shard - b.shard || (a.member.incarnation < b.member.incarnation ? -1 : 1);
}

/** FNV-1a, 32 bits, over UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3: each bit of the input changes about half of the output's. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
