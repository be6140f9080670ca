import test from 'ava';
import { parseCall, withinCall } from './call-options.ts';

function manualClock() {
  const rings: (() => void)[] = [];
  let cancelled = 0;
  const clock = {
    now: () => 0,
    setTimer: (_: number, ring: () => void) => (rings.push(ring), { cancel: () => void cancelled++ }),
  };
  return { clock, rings, cancelled: () => cancelled };
}

const never = () => new Promise<never>(() => undefined);

test('without options a call gets no signal and no timer', async t => {
  const { clock, rings } = manualClock();
  t.is(await withinCall(clock, parseCall(undefined, 'x'), 'x', async abort => abort), undefined);
  t.is(rings.length, 0);
});

test('a timeout rejects with TimeoutError that names the call, and aborts it', async t => {
  const { clock, rings } = manualClock();
  let abort: AbortSignal | undefined;
  const call = withinCall(clock, parseCall({ timeout: '5s' }, 'x'), 'The result of "a"', given => {
    abort = given;
    return never();
  });
  rings[0]?.();
  await t.throwsAsync(call, { code: 'TIMEOUT', message: /^The result of "a" took longer than 5000 ms/ });
  t.true(abort?.aborted);
});

test('a timer goes with its call', async t => {
  const { clock, cancelled } = manualClock();
  await withinCall(clock, parseCall({ timeout: 5 }, 'x'), 'x', async () => 1);
  await t.throwsAsync(withinCall(clock, parseCall({ timeout: 5 }, 'x'), 'x', () => Promise.reject(new Error('no'))));
  t.is(cancelled(), 2);
});

test('an abort rejects with its reason, before the call as well as in it', async t => {
  const { clock } = manualClock();
  const controller = new AbortController();
  const options = parseCall({ abortSignal: controller.signal }, 'x');
  const call = withinCall(clock, options, 'x', never);
  controller.abort(new Error('enough'));
  await t.throwsAsync(call, { message: 'enough' });
  await t.throwsAsync(
    withinCall(clock, options, 'x', async () => t.fail()),
    { message: 'enough' },
  );
});

test('wrong options are refused by name', t => {
  t.throws(() => parseCall({ timeuot: 5 }, 'signal'), { code: 'VALIDATION', message: /"timeout"/ });
  t.throws(() => parseCall({ timeout: '5x' }, 'signal'), { code: 'VALIDATION', message: /^timeout of signal/ });
  t.throws(() => parseCall({ abortSignal: {} }, 'signal'), { code: 'VALIDATION', message: /^abortSignal of signal/ });
});
