import test from 'ava';
import { compose, type Layer } from './middleware.ts';

interface Call {
  readonly value: number;
}

test('no layers are nothing', t => {
  t.is(compose([]), null);
});

test('layers run in order, the first outermost, with what each gives to the next', async t => {
  const lines: string[] = [];
  const layer =
    (name: string): Layer<Call> =>
    async (call, next) => {
      lines.push(`${name} ${call.value}`);
      const result = (await next({ value: call.value + 1 })) as number;
      lines.push(`${name} after ${result}`);
      return result * 2;
    };
  const around = compose([layer('a'), (_call, next) => next(), layer('b')])!;
  t.is(await around({ value: 1 }, call => call.value), 12);
  t.deepEqual(lines, ['a 1', 'b 2', 'b after 3', 'a after 6']);
});

test('what the body or a layer throws passes, and may be caught by an outer layer', async t => {
  const boom = new Error('boom');
  const throws = () => {
    throw boom;
  };
  t.is(await t.throwsAsync(compose<Call>([(_call, next) => next()])!({ value: 1 }, throws)), boom);
  t.is(await t.throwsAsync(compose<Call>([throws])!({ value: 1 }, () => 1)), boom);
  const catches: Layer<Call> = async (_call, next) => next().catch((error: Error) => error.message);
  t.is(await compose([catches, throws])!({ value: 1 }, () => 1), 'boom');
});

test('a layer may answer without going on, or go on twice', async t => {
  t.is(await compose<Call>([() => 'instead'])!({ value: 1 }, () => t.fail()), 'instead');
  let times = 0;
  const twice: Layer<Call> = async (_call, next) => {
    await next();
    return next();
  };
  t.is(await compose([twice])!({ value: 1 }, () => ++times), 2);
});
