import type { Filter } from './passage.ts';

const LOST = 0.1;
const TWICE = 0.1;
const LATE = 0.3;
const LATE_MS = 400;
const END = '\r\n';

/** What a node publishes to NATS is lost now and then, comes twice, or late; all else that it says arrives. */
export function lossy(): Filter {
  let rest = Buffer.alloc(0);
  return (bytes, pass) => {
    rest = Buffer.concat([rest, bytes]);
    for (let length = lengthOf(rest); length !== undefined && length <= rest.length; length = lengthOf(rest)) {
      const whole = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (whole.toString('latin1', 0, 4) === 'PUB ') publish(whole, pass);
      else pass(whole);
    }
  };
}

/** Of the first thing said; undefined: its first line is not whole. */
function lengthOf(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(END);
  if (end < 0) return undefined;
  const line = bytes.toString('latin1', 0, end);
  const behind = line.startsWith('PUB ') ? Number(line.slice(line.lastIndexOf(' '))) + END.length : 0;
  return end + END.length + behind;
}

function publish(frame: Buffer, pass: (bytes: Buffer) => void): void {
  if (Math.random() < LOST) return;
  for (let copies = Math.random() < TWICE ? 2 : 1; copies > 0; copies--) {
    if (Math.random() < LATE) setTimeout(pass, Math.random() * LATE_MS, frame);
    else pass(frame);
  }
}
