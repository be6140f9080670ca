import test from 'ava';
import { Mailbox } from './mailbox.ts';

const delivery = (n: number) => ({ message: { kind: 'timer', at: n, command: n }, inbox: null, reply: null }) as const;

test('mail is taken in order, and what is put back comes first', t => {
  const mailbox = new Mailbox();
  for (let n = 1; n <= 3; n++) mailbox.put(delivery(n));
  t.is(mailbox.take()?.message.at, 1);
  mailbox.putBack([delivery(8), delivery(9)]);
  t.is(mailbox.size, 4);
  t.deepEqual(
    mailbox.drain().map(each => each.message.at),
    [8, 9, 2, 3],
  );
  t.is(mailbox.take(), undefined);
});

test('a mailbox that is never empty keeps its order', t => {
  const mailbox = new Mailbox();
  let taken = 0;
  mailbox.put(delivery(0));
  for (let n = 1; n < 10_000; n++) {
    mailbox.put(delivery(n));
    if (n % 3 > 0) t.is(mailbox.take()?.message.at, taken++);
  }
  t.is(mailbox.size, 10_000 - taken);
});
