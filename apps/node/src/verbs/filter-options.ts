import type { AttributeValue } from '@dfnsjs/actor-core';
import { isoMillis, parseDuration, STATUSES, type Status } from '@dfnsjs/actor-core/values';
import type { Filter } from '@dfnsjs/client';
import { usage, type Given, type OptionSpec } from '../cli/verb.ts';

/** Terms of a filter, in one argument or several. The flags say the same where there is one. */
export const FILTER_ARGUMENT = [
  '[filter...]',
  "such as 'status:failed,held workflow:order started>-24h -error:~ECONN'; quoted, since < and > are the shell's",
] as const;

/** What --status takes: an execution that is held is running. */
const STATES: readonly string[] = [...STATUSES, 'held'];

export const FILTER_OPTIONS: readonly OptionSpec[] = [
  { flags: '--status <status>', help: `of ${STATES.join(', ')}; may be given several times`, many: true },
  { flags: '--workflow <name>', help: 'of one workflow' },
  { flags: '--held', help: 'only those that are held' },
  { flags: '--id-prefix <text>', help: 'whose id begins so' },
  { flags: '--attribute <name=value>', help: 'that have the attribute; may be given several times', many: true },
  { flags: '--started-after <when>', help: 'ISO time, or how long ago, such as 24h' },
  { flags: '--started-before <when>', help: 'the same' },
];

/** The filter that was given. `now` is what "24h" counts from. */
export function readFilterOptions(given: Given, now: number): Filter {
  const attributes = given.many('attribute');
  const status = given.many('status').flatMap(each => each.split(','));
  const other = status.find(each => !STATES.includes(each));
  if (other !== undefined) throw usage(`--status must be one of ${STATES.join(', ')}, got "${other}".`);
  const isHeld = status.includes('held');
  const q = [...(isHeld ? [`status:${status.join(',')}`] : []), ...given.rest(0)].join(' ');
  return {
    ...(q === '' ? {} : { q }),
    workflow: given.text('workflow'),
    ...(status.length > 0 && !isHeld ? { status: status as Status[] } : {}),
    ...(given.flag('held') ? { held: true } : {}),
    idPrefix: given.text('idPrefix'),
    ...(attributes.length > 0 ? { attributes: Object.fromEntries(attributes.map(readAttribute)) } : {}),
    startedAfter: readWhen(given.text('startedAfter'), '--started-after', now),
    startedBefore: readWhen(given.text('startedBefore'), '--started-before', now),
  };
}

function readWhen(text: string | undefined, flag: string, now: number): Date | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?(ms|s|m|h|d|w)$/.test(text)) return new Date(now - parseDuration(text, flag));
  const at = new Date(isoMillis(text));
  if (Number.isNaN(at.getTime())) throw usage(`${flag} must be an ISO time or a duration such as 24h, got "${text}".`);
  return at;
}

/** `tier=gold`, `amount=3`, `express=true`. */
export function readAttribute(text: string): [string, AttributeValue] {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`--attribute must be such as tier=gold, got "${text}".`);
  const value = text.slice(at + 1);
  if (value === 'true' || value === 'false') return [text.slice(0, at), value === 'true'];
  const number = Number(value);
  return [text.slice(0, at), value.trim() !== '' && String(number) === value ? number : value];
}
