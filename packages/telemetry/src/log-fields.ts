import type { LogFields } from '@dfnsjs/actor-core/ports';

/** What a line can hold of fields: errors become their stacks, what JSON cannot hold becomes text. Never throws. */
export function plainFields(fields: LogFields): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = plain(fields, name);
    if (value !== undefined) Object.defineProperty(shown, name, { value, enumerable: true, configurable: true });
  }
  return shown;
}

/** Getters and toJSON are code of others. */
function plain(fields: LogFields, name: string): unknown {
  try {
    const value = fields[name];
    if (value === undefined) return undefined;
    if (value instanceof Error) return value.stack ?? value.message;
    if (typeof value === 'function' || typeof value === 'symbol') return String(value);
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch {
    try {
      return String(fields[name]);
    } catch {
      return 'cannot be shown';
    }
  }
}

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host
  [/(:\/\/)[^\s/@":]*:[^\s/@"]*@/g, '$1***@'],
  [/\bBearer\s+[^\s",]+/gi, 'Bearer ***'],
  [/\bdfns_[A-Za-z0-9]+_[A-Za-z0-9_-]{16,}/g, 'dfns_***'],
];

/** The line without passwords of URLs and without API keys: messages of drivers and libraries name what they used. */
export function withoutSecrets(line: string): string {
  let clean = line;
  for (const [secret, shown] of SECRETS) clean = clean.replace(secret, shown);
  return clean;
}

/** Where lines go. */
export interface LogOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}
