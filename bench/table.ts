import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median } from './measure.ts';

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));

/** A row of the table: what was measured, beside the least that it can take. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly ceiling: string;
  readonly ratio: string;
  readonly binds: string;
}

/** What was measured so far, said as it comes. */
export class Table {
  readonly #rows: Row[] = [];

  say(row: Row): void {
    this.#rows.push(row);
    console.log(`${row.what}: ${row.ours}, ceiling ${row.ceiling}, ${row.ratio} (binds: ${row.binds})`);
  }

  /** The median of each side, and of the ratios of the pairs. */
  sayPairs(what: string, show: (value: number) => string, pairs: readonly (readonly number[])[], binds: string): void {
    this.say({
      what,
      ours: show(median(pairs.map(([ours]) => ours!))),
      ceiling: show(median(pairs.map(([, bare]) => bare!))),
      ratio: median(pairs.map(([ours, bare]) => ours! / bare!)).toFixed(2),
      binds,
    });
  }

  /** In place of the table that stands in RESULTS.md between the comments `name` and `end NAME`. */
  write(name: string, about: string): void {
    const table = [
      `${about}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${new Date().toISOString().slice(0, 10)}.`,
      '',
      '| workload | dfns | ceiling | ratio | binds |',
      '| --- | --- | --- | --- | --- |',
      ...this.#rows.map(row => `| ${row.what} | ${row.ours} | ${row.ceiling} | ${row.ratio} | ${row.binds} |`),
    ].join('\n');
    const text = readFileSync(RESULTS, 'utf8');
    const place = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*(\\n<!-- end ${name} -->)`);
    writeFileSync(
      RESULTS,
      text.replace(place, (_, head, tail) => `${head}${table}${tail}`),
    );
  }
}
