/** Every code a `DfnsError` can carry, with the advice that its message ends with when the thrower has none. */
export const ADVICE = {
  VALIDATION: 'Correct the value that the message names.',
  NOT_FOUND: 'Check the id or name and the namespace.',
  ALREADY_RUNNING: "Choose another id, or pass onConflict: 'use-existing' or 'terminate-existing'.",
  ALREADY_EXISTS: "Choose another id, or pass reuse: 'always'.",
  CLOSED: 'The execution has ended; start a new one.',
  CANCELLED: 'The execution or scope was cancelled.',
  TERMINATED: 'The execution was terminated.',
  TIMEOUT: 'Raise the timeout, or find out what took so long.',
  EXPIRED: 'Start again.',
  NON_DETERMINISM: 'Deploy code that issues the recorded commands, or a new version of the workflow.',
  UNKNOWN_WORKFLOW: 'Register the workflow and version on a node.',
  UNKNOWN_TASK: 'Register the task on a node.',
  NOT_RETRYABLE: 'Only failed, timed-out, terminated and held executions can be retried.',
  UPDATE_REJECTED: "The workflow's validator refused this update.",
  UPDATE_FAILED: "The workflow's update handler threw.",
  PAYLOAD_TOO_LARGE: 'Store the value elsewhere and pass a reference to it.',
  LIMIT_EXCEEDED: 'Stay below the limit that the message names, or raise it.',
  OVERLOADED: 'Try again after a moment.',
  RATE_LIMITED: 'Try again after a moment.',
  UNAUTHENTICATED: 'Send a valid API key.',
  FORBIDDEN: 'Use a key with the role that this needs.',
  DEADLOCK: 'Cancel one execution of the cycle.',
  STUCK: 'The execution waits on nothing it could ever get.',
  UNAVAILABLE: 'Try again; nothing is lost.',
  INTERNAL: 'This is a bug in dfns or a damaged store; the details say where.',
} as const;

/** The stable code of a `DfnsError`. */
export type ErrorCode = keyof typeof ADVICE;
