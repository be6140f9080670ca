/**
 * Lists by start look up where in the order of eid their runs stand (the rowid is in every index); retention finds what
 * closed long ago, but for runs that another one followed at once.
 */
export const TIMES = `
CREATE INDEX run_started ON run (namespace, started_at);
CREATE INDEX run_closed ON run (closed_at) WHERE status NOT IN (0, 6);
`;
