/** What a TAP stream has told so far. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The plan line came, which ends a stream: without it the runner died on the way. */
  readonly ended: boolean;
}

export const EMPTY: Tally = { passed: 0, failed: 0, skipped: 0, ended: false };

/** Counts one line; what is indented, a comment or a detail counts nothing. */
export function count(tally: Tally, line: string): Tally {
  if (/^1\.\.\d+\s*$/.test(line)) return { ...tally, ended: true };
  const match = /^(not )?ok\b/.exec(line);
  if (!match) return tally;
  if (/ # (SKIP|TODO)\b/i.test(line)) return { ...tally, skipped: tally.skipped + 1 };
  return match[1] ? { ...tally, failed: tally.failed + 1 } : { ...tally, passed: tally.passed + 1 };
}

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    ended: a.ended && b.ended,
  };
}

/** How a stage ended; without a problem, well. */
export interface Outcome {
  readonly tally: Tally;
  readonly problem?: string;
}

/** Sums up a runner that ended with `end`, an exit code or a signal: no way of failing looks like success. */
export function conclude(tally: Tally, end: number | NodeJS.Signals | null): Outcome {
  const failing = { ...tally, failed: Math.max(tally.failed, 1) };
  if (tally.failed > 0) return { tally, problem: `${tally.failed} tests failed` };
  if (!tally.ended) return { tally: failing, problem: `it died before its end, with ${end}` };
  if (end !== 0) return { tally: failing, problem: `it ended with ${end}` };
  if (tally.passed === 0) return { tally: failing, problem: 'it ran no test' };
  return { tally };
}
