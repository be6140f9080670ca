const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** A span for people, two units at most: `1h 5m`, `3.2s`, `12ms`. */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  const parts: string[] = [];
  let left = Math.floor(ms / 1_000) * 1_000;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** `3m ago`, or `in 3m` of a time to come; `now` within a second. */
export function agoText(at: Date, now: number): string {
  const ms = now - at.getTime();
  if (Math.abs(ms) < 1_000) return 'now';
  const span = spanText(Math.abs(ms)).split(' ')[0] ?? '';
  return ms >= 0 ? `${span} ago` : `in ${span}`;
}

/** Local date and time with seconds: `2026-11-24 20:33:25`. */
export function timeText(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return (
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
    `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  );
}
