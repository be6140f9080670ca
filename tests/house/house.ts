import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One package's entry of floors.config.js. */
export interface PackageTable {
  readonly floors: readonly string[];
  readonly suites?: string;
  readonly imports: readonly string[];
  readonly libraries: Readonly<Record<string, string>>;
  readonly node: boolean | string;
}

/** floors.config.js, and of each package the source files that its `exports` name. */
export interface House {
  readonly packages: Readonly<Record<string, PackageTable>>;
  readonly testLibraries: readonly string[];
  readonly entries: Readonly<Record<string, readonly string[]>>;
}

export async function readHouse(root: string): Promise<House> {
  const tables = (await import(pathToFileURL(join(root, 'floors.config.js')).href)) as Omit<House, 'entries'>;
  const folders = Object.keys(tables.packages);
  return { ...tables, entries: Object.fromEntries(folders.map(folder => [folder, readEntries(root, folder)])) };
}

function readEntries(root: string, folder: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    exports: Record<string, { 'dfns-source'?: string }>;
  };
  return Object.values(manifest.exports)
    .flatMap(target => target['dfns-source'] ?? [])
    .map(source => join(folder, source))
    .filter(source => existsSync(join(root, source)));
}

/** The rooms of a floor, or of `suites`: each a list of names. */
export function roomsOf(floor: string | undefined): string[][] {
  return (floor ?? '')
    .split(' ')
    .filter(Boolean)
    .map(room => room.split('+'));
}

/** Matches what lies in a room, the tests beside its files too. */
export function inRoom(folder: string, room: readonly string[]): string {
  return `^${folder}/src/(${room.join('|')})(/|\\.)`;
}

export function testsInRoom(folder: string, room: readonly string[]): string[] {
  const names = `^${folder}/src/(${room.join('|')})`;
  return [`${names}\\.test\\.ts$`, `${names}/.*\\.test\\.ts$`];
}

/** Matches an entry point and its test. */
export function atEntry(entry: string): string {
  return `^${entry.replace(/\.ts$/, '')}(\\.test)?\\.ts$`;
}

/** Source files that no floor, suite or entry point accounts for. */
export function unplaced(house: House, files: readonly string[]): string[] {
  const places = Object.entries(house.packages).flatMap(([folder, { floors, suites }]) => [
    ...[...floors, suites].flatMap(roomsOf).map(room => inRoom(folder, room)),
    ...(house.entries[folder] ?? []).map(atEntry),
  ]);
  const placed = new RegExp(places.join('|'));
  return files.filter(file => /^(packages|apps)\/[^/]+\/src\//.test(file) && !placed.test(file));
}
