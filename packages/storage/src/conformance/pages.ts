/** More than any case stores: a driver whose pages never end fails instead of running for ever. */
const ROWS = 10_000;

/** Reads page after page, each behind the last row of the one before, until one is not full. */
export async function allPages<Row>(
  limit: number,
  read: (last: Row | undefined) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await read(rows.at(-1));
    rows.push(...page);
    if (page.length < limit) return rows;
    if (rows.length > ROWS) throw new Error(`The pages do not end: ${rows.length} rows were read.`);
  }
}
