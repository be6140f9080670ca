import type { LogLevel } from '@dfnsjs/actor-core/ports';

export interface Line {
  readonly time: Date;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** For machines: one JSON object. Fields cannot take the place of what every line has. */
export function jsonLine({ time, level, message, fields }: Line): string {
  return JSON.stringify({ ...plain(fields), time: time.toISOString(), level, msg: message });
}

/** For people: `12:30:05.120 warn  a commit failed  store=sqlite retryMs=5` */
export function textLine({ time, level, message, fields }: Line): string {
  const rest = Object.entries(plain(fields)).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}=${/[\s"=]/.test(text) ? JSON.stringify(text) : text}`;
  });
  return [time.toISOString().slice(11, 23), level.padEnd(5), message, ...(rest.length > 0 ? ['', ...rest] : [])].join(
    ' ',
  );
}

/** What JSON cannot hold is shown as text: a line must never throw. */
function plain(fields: Line['fields']): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    shown[name] = show(value);
  }
  return shown;
}

function show(value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? value.message;
  try {
    return JSON.stringify(value) === undefined ? String(value) : value;
  } catch {
    return String(value);
  }
}
