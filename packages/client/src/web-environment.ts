import type { Chance, Clock } from '@dfnsjs/actor-core/ports';

/** A timer takes at most 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Time as browsers, edge runtimes and Node all have it. */
export const webClock: Pick<Clock, 'now' | 'setTimer'> = {
  now: () => Date.now(),
  setTimer(at, ring) {
    let timeout: ReturnType<typeof setTimeout>;
    const arm = () => {
      const left = at - Date.now();
      timeout = setTimeout(left > LONGEST_TIMER_MS ? arm : ring, Math.min(Math.max(left, 0), LONGEST_TIMER_MS));
    };
    arm();
    return { cancel: () => clearTimeout(timeout) };
  },
};

export const webChance: Chance = { random: () => Math.random(), uuid };

/** `crypto.randomUUID` is missing on pages that came over plain HTTP. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
