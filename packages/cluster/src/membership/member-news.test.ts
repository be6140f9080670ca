import test from 'ava';
import { NO_REPORT, type Duty, type Member } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import { MemberNews } from './member-news.ts';

function member(incarnation: string, address: string, duty: Duty = 'serve'): Member {
  const about = { incarnation: incarnation as Incarnation, address, build: 'b', workflows: [], ordinal: 1 };
  return { ...NO_REPORT, ...about, duty, leaseLeftMs: 1_000 };
}

test('who comes, who goes, and what is asked of this node is told once', t => {
  const lines: string[] = [];
  const log = {
    write: (level: string, message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void lines.push(`${level} ${message} ${String(fields['address'] ?? fields['duty'])}`),
  };
  const news = new MemberNews(log, 'a1' as Incarnation);
  const look = (...members: readonly Member[]) => {
    lines.length = 0;
    news.members({ version: 1, now: 0, members });
    return [...lines];
  };
  t.deepEqual(look(member('a1', 'a'), member('b1', 'b')), []);
  t.deepEqual(look(member('a1', 'a'), member('b1', 'b'), member('b2', 'b')), ['info another node has joined b']);
  t.deepEqual(look(member('a1', 'a', 'drain'), member('b2', 'b')), [
    'info another node is gone b',
    'info an operator asks this node to give up its shards drain',
  ]);
  t.deepEqual(look(member('a1', 'a', 'drain'), member('b2', 'b')), []);
  t.deepEqual(look(member('a1', 'a'), member('b2', 'b'), member('a2', 'a')), [
    'info another node has joined a',
    'warn it has the address of this node: give each an address of its own a',
    'info an operator asks this node to serve as before serve',
  ]);
});

test('what was asked before it looked first is told', t => {
  const lines: string[] = [];
  const news = new MemberNews({ write: (_, message) => void lines.push(message) }, 'a' as Incarnation);
  news.members({ version: 1, now: 0, members: [member('a', 'a', 'cordon')] });
  t.deepEqual(lines, ['an operator asks this node to take no more shards']);
});
