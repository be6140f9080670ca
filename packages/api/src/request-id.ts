const GIVEN = /^[\w.:-]{1,128}$/;

/** Ids of requests: the caller's own where it is fit for logs, else made, unique over restarts. */
export function requestIds(start: string): (given: string | readonly string[] | undefined) => string {
  let count = 0;
  return given => (typeof given === 'string' && GIVEN.test(given) ? given : `${start}-${(++count).toString(36)}`);
}
