/** Why a scope was cancelled. `timeout` is a scope's or the execution's own; `cancel` somebody's wish. */
export interface Cancellation {
  readonly kind: 'cancel' | 'timeout' | 'race' | 'close';
  readonly reason: string | null;
}

/**
 * A node of the cancel-scope tree: a plain object. Cancellation reaches all below it but shielded scopes. An
 * AbortSignal is a view that is made on demand: signals and `any` cost more than the whole step they would guard.
 */
export interface Scope {
  readonly parent: Scope | null;
  readonly shielded: boolean;
  cancelled: Cancellation | null;
  view: AbortController | null;
}

export function openScope(parent: Scope | null, shielded = false): Scope {
  return { parent, shielded, cancelled: null, view: null };
}

/** The cancellation that reaches `scope`, from itself or the nearest scope above it that is not behind a shield. */
export function cancellationOf(scope: Scope): Cancellation | null {
  for (let at: Scope | null = scope; at; at = at.shielded ? null : at.parent) {
    if (at.cancelled) return at.cancelled;
  }
  return null;
}

/** True where cancelling `above` reaches `scope`. */
export function isWithin(scope: Scope, above: Scope): boolean {
  for (let at: Scope | null = scope; at; at = at.shielded ? null : at.parent) {
    if (at === above) return true;
  }
  return false;
}
