import { rmSync } from 'node:fs';
import type { Deaths } from '@dfnsjs/actor-core/ports';
import { BOUNDS, type Eid, type Millis } from '@dfnsjs/actor-core/values';
import { isDeath, readImage, readLines, writeLines, type Death, type DeathPaths } from './death-file.ts';

/** Deaths that are kept. */
const KEPT = 1_000;

/** What a process that starts on a store finds of those before it. Nothing here needs to survive the machine. */
export class KnownDeaths implements Deaths {
  readonly #lastIsNamed: boolean;
  /** The last process did not end in order. */
  readonly unclean: boolean;
  readonly #byEid = new Map<Eid, Millis[]>();
  readonly #byAddress = new Map<string, Millis[]>();

  private constructor(deaths: readonly Death[], unclean: boolean, lastIsNamed: boolean, build: string) {
    this.unclean = unclean;
    this.#lastIsNamed = lastIsNamed;
    for (const { at, eid, address, build: diedUnder } of deaths) {
      add(this.#byEid, eid, at);
      if (address && diedUnder === build) add(this.#byAddress, key(address.namespace, address.id), at);
    }
  }

  /** Reads what is there and notes that a process began. Throws what the file system does. */
  static open(paths: DeathPaths, build: string, now: Millis): KnownDeaths {
    const lines = readLines(paths.deaths);
    const began = lines.findLastIndex(line => 'began' in line);
    const last = lines.slice(began + 1).filter(isDeath);
    const deaths = lines.filter(isDeath);
    // Whoever was on the stage when the process ended: a stall that the watchdog had begun to watch, or a traced turn.
    const entry = began >= 0 ? readImage(paths.image) : null;
    if (entry && last.length === 0) {
      const death = { ...entry, at: now, build };
      deaths.push(death);
      last.push(death);
    }
    const kept = deaths.filter(({ at }) => at >= now - BOUNDS.crashWindowMs && at <= now).slice(-KEPT);
    writeLines(paths.deaths, [...kept, { began: now }]);
    rmSync(paths.image, { force: true });
    return new KnownDeaths(kept, began >= 0, last.length > 0, build);
  }

  /** The shards were all of the last process. */
  lastIsNamed(): boolean {
    return this.#lastIsNamed;
  }

  /** A process that is the only one of its store loses no lease to others. */
  lastOwner(): undefined {
    return undefined;
  }

  livedOn(): boolean {
    return false;
  }

  of(eid: Eid): readonly Millis[] {
    return this.#byEid.get(eid) ?? [];
  }

  ofStart(namespace: string, id: string): readonly Millis[] {
    return this.#byAddress.get(key(namespace, id)) ?? [];
  }
}

function add<Key>(map: Map<Key, Millis[]>, key: Key, at: Millis): void {
  const known = map.get(key);
  if (known) known.push(at);
  else map.set(key, [at]);
}

function key(namespace: string, id: string): string {
  return `${namespace}\0${id}`;
}
