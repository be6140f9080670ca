import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'dfns/client';
import type { Cluster } from '../cluster.ts';
import { large, text } from '../workflows/large.ts';
import { LONG_MS, NOTHING, type Fault } from './fault.ts';

const AWAY_MS = 60_000;
/** A payload is 1 MiB at most, and a frame of NATS as much. */
const TEXT_LENGTH = 1024 * 1024 - 64;

/** Through each node, and so through all that do not own the execution. */
async function sendLarge(cluster: Cluster): Promise<readonly string[]> {
  const texts = cluster.nodes.map((_, n) => String(n).repeat(TEXT_LENGTH));
  const handle = await cluster.client().start(large, texts.length, { id: 'large' });
  for (const [n, { port }] of cluster.nodes.entries()) {
    await connect(`http://127.0.0.1:${port}`, { attempts: 60 }).get(large, handle.id).signal(text, texts[n]!);
  }
  const taken = await handle.result();
  const expected = texts.map(each => [each[0], each.length]);
  return JSON.stringify(taken) === JSON.stringify(expected) ? [] : [`large signals came as ${JSON.stringify(taken)}`];
}

export const NATS_FAULTS: Readonly<Record<string, Fault>> = {
  'nats-restart': {
    says: 'NATS is killed, and is back later',
    nobodyDies: true,
    async strike({ nats }) {
      await nats.kill();
      await pause(LONG_MS);
      await nats.restart();
      return NOTHING;
    },
  },
  'nats-freeze': {
    says: 'NATS is stopped, and goes on',
    nobodyDies: true,
    async strike({ nats }) {
      nats.pause();
      await pause(LONG_MS);
      nats.resume();
      return NOTHING;
    },
  },
  'nats-away': {
    says: 'NATS is away for a minute, and signals of 1 MiB come through nodes that do not own their execution',
    nobodyDies: true,
    async strike(cluster) {
      await cluster.nats.kill();
      await pause(AWAY_MS);
      await cluster.nats.restart();
      return sendLarge(cluster);
    },
  },
  'cut-off': {
    says: 'one node is cut off from NATS, and reaches it again',
    nobodyDies: true,
    async strike({ nodes: [node] }) {
      node!.toNats.hold();
      await pause(2 * LONG_MS);
      node!.toNats.release();
      return NOTHING;
    },
  },
};
