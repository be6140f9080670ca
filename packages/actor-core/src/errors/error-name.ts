/** What kind of error was thrown, for logs and spans: its message may hold what user code works on. */
export function errorName(error: unknown): string {
  try {
    if (error instanceof Error) return error.constructor.name || 'Error';
  } catch {
    // A proxy may refuse to say what it is.
  }
  return typeof error;
}
