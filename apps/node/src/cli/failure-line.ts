import type { Report } from './protocol.ts';
import { printable } from './terminal.ts';
import { spanText } from './time-text.ts';

/** What failed, in a line for whoever runs a dev server; undefined for any other report. */
export function failureLine(report: Report): string | undefined {
  switch (report.kind) {
    case 'attempt-failed': {
      const { id, task, attempt, error, retryInMs, isLast } = report;
      const next =
        retryInMs === undefined
          ? isLast
            ? '; it is not tried again'
            : ''
          : `; tried again after ${spanText(retryInMs)}`;
      return printable(`✗ ${id}  attempt ${attempt} of ${task} failed: ${error}${next}`);
    }
    case 'execution-failed':
      return printable(`✗ ${report.id} (${report.workflow}) ${report.status}: ${report.error}`);
    case 'more-failed':
      return `✗ … and ${report.count} more within the second: dfns list --status failed, dfns history ID`;
    default:
      return undefined;
  }
}
