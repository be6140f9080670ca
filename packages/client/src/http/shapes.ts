import { ERROR, IfGiven, INSTANT, ListOf, MAP, ObjectWith, PAYLOAD, PAYLOAD_IF_GIVEN } from './document.ts';

/**
 * Where payloads, errors, instants and maps are in what operations take and give. It says again what the schemas say,
 * and a test holds it to that: clients need no more than this, and take no time to load schemas.
 */

const instantIfGiven = new IfGiven(INSTANT);
const errorIfGiven = new IfGiven(ERROR);

const startFields = { input: PAYLOAD, headers: new IfGiven(MAP) };
const executionFields = {
  held: new IfGiven(new ObjectWith({ at: INSTANT })),
  startedAt: INSTANT,
  closedAt: instantIfGiven,
  waiting: new ListOf(new ObjectWith({ nextAt: instantIfGiven, until: instantIfGiven })),
};
const attempts = new ListOf(
  new ObjectWith({ startedAt: INSTANT, endedAt: instantIfGiven, error: errorIfGiven, retryAt: instantIfGiven }),
);
const spans = new ListOf(
  new ObjectWith({
    startedAt: INSTANT,
    endedAt: instantIfGiven,
    until: instantIfGiven,
    attempts: new IfGiven(attempts),
  }),
);
const events = new ListOf(
  new ObjectWith({ at: INSTANT, value: PAYLOAD_IF_GIVEN, error: errorIfGiven, until: instantIfGiven }),
);

export const start = new ObjectWith(startFields);
export const signalWithStart = new ObjectWith({ ...startFields, signal: new ObjectWith({ payload: PAYLOAD }) });
export const updateWithStart = new ObjectWith({ ...startFields, update: new ObjectWith({ input: PAYLOAD }) });
export const startedWithUpdate = new ObjectWith({ result: PAYLOAD_IF_GIVEN });
export const message = new ObjectWith({ payload: PAYLOAD });
/** Of a task, a query or an update. */
export const withResult = new ObjectWith({ result: PAYLOAD });
export const filter = new ObjectWith({ startedAfter: instantIfGiven, startedBefore: instantIfGiven });
export const page = new ObjectWith({ items: new ListOf(new ObjectWith(executionFields)) });
export const description = new ObjectWith({
  ...executionFields,
  input: PAYLOAD,
  result: PAYLOAD_IF_GIVEN,
  error: errorIfGiven,
  runs: new ListOf(new ObjectWith({ startedAt: INSTANT, closedAt: instantIfGiven })),
});
export const outcome = new ObjectWith({ result: PAYLOAD_IF_GIVEN, error: errorIfGiven });
export const history = new ObjectWith({ items: events });
export const timeline = new ObjectWith({ startedAt: INSTANT, closedAt: instantIfGiven, spans });
export const state = new ObjectWith({ at: INSTANT, open: spans });
export const change = new ObjectWith({ at: INSTANT });
export const info = new ObjectWith({ now: INSTANT });
