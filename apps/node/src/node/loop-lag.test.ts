import test from 'ava';
import { LoopLag } from './loop-lag.ts';

/** A loop whose timers ring as late as the test says. */
function loop() {
  let now = 0;
  const timers: { readonly fn: () => void; readonly at: number }[] = [];
  const lag = new LoopLag({ now: () => now, setTimer: (fn, ms) => void timers.push({ fn, at: now + ms }) });
  const ring = (lateMs: number) => {
    const { fn, at } = timers.shift()!;
    now = at + lateMs;
    fn();
  };
  return { lag, ring, timers };
}

test('a loop that is late twice in a row lags as much as it did at least', t => {
  const { lag, ring } = loop();
  t.is(lag.lag(), 0);
  lag.lag();
  ring(700);
  t.is(lag.lag(), 0, 'one long task');
  ring(900);
  t.is(lag.lag(), 700);
  ring(0);
  t.is(lag.lag(), 0, 'it is over');
});

test('when nobody asks nothing is looked at, and what was seen is forgotten', t => {
  const { lag, ring, timers } = loop();
  lag.lag();
  lag.lag();
  ring(800);
  lag.lag();
  ring(800);
  ring(800);
  t.is(timers.length, 0);
  t.is(lag.lag(), 0);
  t.is(timers.length, 1);
});
