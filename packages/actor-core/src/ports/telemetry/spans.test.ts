import test from 'ava';
import { formatTraceparent, parseTraceparent } from './spans.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test('a trace context is read and written', t => {
  const context = parseTraceparent(`00-${TRACE}-${SPAN}-01`);
  t.deepEqual(context, { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
  t.is(formatTraceparent(context!), `00-${TRACE}-${SPAN}-01`);
});

test('one of a later version is read as far as it is known', t => {
  t.is(parseTraceparent(`01-${TRACE}-${SPAN}-00-more`)?.traceId, TRACE);
});

for (const wrong of [
  undefined,
  null,
  '',
  'x',
  `ff-${TRACE}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-011`,
  `00-${TRACE}-${SPAN}`,
]) {
  test(`${JSON.stringify(wrong)} is no trace context`, t => t.is(parseTraceparent(wrong), undefined));
}
