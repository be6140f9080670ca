import { parseDuration, type Duration } from '@dfnsjs/actor-core/records';
import { expectTypeOf } from 'expect-type';

// case: a duration is a number or a number with a unit
const durations: Duration[] = [500, '250ms', '30s', '1.5h', '7d', '2w'];

// case: a unit that does not exist is refused
// @ts-expect-error there is no such unit
const far: Duration = '5 parsecs';

// case: a unit without a number is refused
// @ts-expect-error a number is missing
const bare: Duration = 'h';

// case: a parsed duration is a number, whatever it was parsed from
expectTypeOf(parseDuration).returns.toEqualTypeOf<number>();
expectTypeOf(parseDuration).parameter(0).toBeUnknown();
