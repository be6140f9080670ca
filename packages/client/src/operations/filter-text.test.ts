import test from 'ava';
import type { ListedExecution } from './executions.ts';
import { readFilterText } from './filter-text.ts';

const NOW = Date.UTC(2026, 0, 10);
const HOUR = 3_600_000;
const read = (q: string, filter: object = {}) =>
  readFilterText({ namespace: 'default', ...filter, q }, NOW, 'q of list');

const execution: ListedExecution = {
  id: 'ord-17',
  runId: 'r-1',
  workflow: 'order',
  version: 2,
  status: 'running',
  held: { code: 'NON_DETERMINISM', message: 'No.', at: NOW },
  startedAt: NOW - 5 * HOUR,
  attributes: { tenant: 'acme', amount: 100, due: new Date(NOW), express: true, text: '5', 'a:b': 'c, d' },
  waiting: [
    { kind: 'task', name: 'send', attempt: 3 },
    { kind: 'signal', name: 'approval' },
  ],
  turns: 12,
  bytes: 3_000,
  lastError: 'connect ECONNREFUSED',
  build: 'abc',
};
const failed: ListedExecution = {
  ...execution,
  id: 'x',
  workflow: 'mail',
  status: 'failed',
  held: undefined,
  closedAt: NOW - 4 * HOUR,
  attributes: {},
  waiting: [],
  lastError: undefined,
};

/** All of what a text says is looked at, as where the store has no index for it. */
const TAKEN = {
  workflow: 'w',
  status: ['completed'],
  held: false,
  idPrefix: 'i',
  startedAfter: 0,
  startedBefore: 0,
  attributes: { tenant: '', amount: 0, due: 0, express: false, text: '' },
};

for (const [q, ofOrder, ofMail] of [
  ['', true, true],
  ['status:running', true, false],
  ['status:failed,held', true, true],
  ['status:held', true, false],
  ['-status:failed', true, false],
  ['workflow:order', true, false],
  ['workflow:order,mail', true, true],
  ['workflow:ord*', true, false],
  ['-workflow:mail', true, false],
  ['id:ord-17', true, false],
  ['id:ord-1', false, false],
  ['id:ord-*', true, false],
  ['run:r-1', true, true],
  ['version:2', true, true],
  ['version:1,3', false, false],
  ['version<3 version>=2', true, true],
  ['version>2', false, false],
  ['attr.tenant=acme', true, false],
  ['attr.tenant:ac*', true, false],
  ['attr.tenant:~CM', true, false],
  ['attr.tenant:*', true, false],
  ['-attr.tenant:*', false, true],
  ['attr.amount>=100', true, false],
  ['attr.amount>100', false, false],
  ['attr.amount:99,100', true, false],
  ['attr.due>2026-01-09T00:00:00Z', true, false],
  ['attr.due>5', false, false],
  ['attr.express:true', true, false],
  ['attr.text:5', false, false],
  ['attr.text:"5"', true, false],
  ['started>-24h', true, true],
  ['started>-5h', false, false],
  ['started>=-5h', true, true],
  ['started<2026-01-01', false, false],
  ['closed<=-4h', false, true],
  ['-closed<1970-01-01', true, true],
  ['duration>1h', true, false],
  ['duration<=1h', false, true],
  ['attempt>=3', true, false],
  ['error:~econn', true, false],
  ['error:"connect ECONNREFUSED"', true, false],
  ['error:~"t ECO"', true, false],
  ['held:NON_DETERMINISM', true, false],
  ['held:*', true, false],
  ['-held:*', false, true],
  ['waiting:signal/approval', true, false],
  ['waiting:signal', true, false],
  ['waiting:timer', false, false],
  ['-waiting:*', false, true],
  ['build:abc turns>=12 bytes<4000', true, true],
  ['  workflow:order\n\tversion:2  ', true, false],
] as const) {
  test(`${JSON.stringify(q)} finds what it says, with an index and without`, t => {
    const { holds = () => true } = read(q, TAKEN);
    t.deepEqual([holds(execution), holds(failed)], [ofOrder, ofMail]);
    // What the store is left to find may be too much, never too little.
    const { indexed, holds: rest = () => true } = read(q);
    for (const [each, found] of [
      [execution, ofOrder],
      [failed, ofMail],
    ] as const) {
      t.is(finds(indexed, each) && rest(each), found);
    }
  });
}

/** What a store does with a filter. */
function finds(filter: ReturnType<typeof read>['indexed'], { attributes, ...of }: ListedExecution): boolean {
  return (
    (filter.workflow === undefined || of.workflow === filter.workflow) &&
    (filter.status === undefined || filter.status.includes(of.status)) &&
    (filter.held === undefined || (of.held !== undefined) === filter.held) &&
    (filter.idPrefix === undefined || of.id.startsWith(filter.idPrefix)) &&
    (filter.startedAfter === undefined || of.startedAt > filter.startedAfter) &&
    (filter.startedBefore === undefined || of.startedAt < filter.startedBefore) &&
    Object.entries(filter.attributes ?? {}).every(([name, value]) => attributes[name] === value)
  );
}

test('what the store has indexes for is left to it alone', t => {
  const { indexed, holds } = read(
    'status:failed,running workflow:order id:ord-* attr.tenant=acme attr.amount:5 started>-24h started<=-1h -held:*',
    { attributes: { tier: 'gold' } },
  );
  t.is(holds, undefined);
  t.deepEqual(indexed, {
    namespace: 'default',
    status: ['failed', 'running'],
    workflow: 'order',
    idPrefix: 'ord-',
    attributes: { tier: 'gold', tenant: 'acme', amount: 5 },
    startedAfter: NOW - 24 * HOUR,
    startedBefore: NOW - HOUR + 1,
    held: false,
  });
  t.deepEqual(read('status:held').indexed.held, true);
  t.is(read('status:held').holds, undefined);
  t.deepEqual(read('attr.__proto__:x').indexed.attributes, JSON.parse('{"__proto__":"x"}') as object);
});

for (const [q, message] of [
  ['stauts:failed', /^There is no field "stauts" in q of list\. Did you mean "status"\?$/],
  ['zzz:1', /Its fields are: status, workflow, id, .*attr\.NAME\.$/],
  ['status:faild', /^q of list: "status:faild": did you mean failed\?$/],
  ['status:zzz', /must be one of running, completed/],
  ['failed', /"failed" is no term such as status:failed/],
  ['status:', /"status:" has no value/],
  ['status:failed,', /"status:failed," has no value/],
  ['id:"a', /"\\"a" is no value/],
  ['id:a"b"', /is no value/],
  ['workflow>a', /"workflow>a" takes no >; it is workflow:VALUE/],
  ['version<1,2', /must compare with one value/],
  ['version<x', /must be compared with a number/],
  ['version:1*', /takes numbers, without \* and ~/],
  ['started:-24h', /takes <, <=, > or >=, such as started>-24h/],
  ['started>24', /Instant|ISO|Date/i],
  ['started>-24', /duration/i],
  ['duration>5', /duration/i],
  ['attr.:5', /must name an attribute/],
  ['attr.tier>gold', /can only compare with a number or an ISO time/],
  ['error:~a*', /~ finds text anywhere, without a star/],
  ['id:x '.repeat(65), /at most 64 terms/],
  [`id:${'x'.repeat(5_000)}`, /at most 4096 characters/],
] as const) {
  test(`${JSON.stringify(q.slice(0, 40))} is refused, and says what is wrong`, t => {
    t.throws(() => read(q), { code: 'VALIDATION', message });
  });
}
