import type { Epoch, Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { Routes } from './routes.ts';

const SHARD = 1 as ShardId;
const at = (epoch: number) => epoch as Epoch;
const [A, B] = ['a', 'b'] as Incarnation[] as [Incarnation, Incarnation];

test('later epochs win, whatever comes first', t => {
  const routes = new Routes();
  t.true(routes.learn(SHARD, B, at(2)));
  t.false(routes.learn(SHARD, A, at(1)), 'an announcement that comes late');
  t.deepEqual(routes.at(SHARD), { owner: B, epoch: at(2) });
  t.true(routes.learn(SHARD, A, at(3)));
});

test('a release is news of its epoch, an announcement after it is not', t => {
  const routes = new Routes();
  routes.learn(SHARD, A, at(1));
  t.true(routes.learn(SHARD, null, at(1)));
  t.false(routes.learn(SHARD, A, at(1)));
  t.is(routes.at(SHARD)?.owner, null);
});

test('whoever waits for news hears of them once, and not after it took that back', t => {
  const routes = new Routes();
  const heard: string[] = [];
  routes.onNews(SHARD, () => heard.push('first'));
  routes.onNews(SHARD, () => heard.push('second'))();
  routes.learnRows([{ shard: SHARD, owner: A, epoch: at(1), build: null }]);
  routes.learn(SHARD, B, at(2));
  t.deepEqual(heard, ['first']);
});
