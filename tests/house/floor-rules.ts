import type { IRegularForbiddenRuleType } from 'dependency-cruiser';
import { atEntry, inRoom, roomsOf, testsInRoom, type House, type PackageTable } from './house.ts';

type Rule = IRegularForbiddenRuleType & { readonly name: string };

const SOURCES = '^(packages|apps)/[^/]+/src/';
const TESTS = '\\.test\\.ts$';
const LIBRARIES = '(^|/)node_modules/';

/** Each rule's name says what it wants: it is what the reader of a failure sees. */
export function floorRules(house: House): Rule[] {
  return [
    { name: 'Imports make no circle, types included.', from: {}, to: { circular: true } },
    { name: 'Every import is found.', from: {}, to: { couldNotResolve: true } },
    { name: 'Nothing imports a test.', from: {}, to: { path: SOURCES + '.*' + TESTS } },
    {
      name: 'From outside, a package is its entry points.',
      from: { pathNot: SOURCES },
      to: { path: SOURCES, pathNot: Object.values(house.entries).flat().map(atEntry) },
    },
    {
      name: 'A package is imported by its name, not by a path into it.',
      from: { path: '^(packages|apps)/([^/]+)/' },
      to: { path: SOURCES, pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    ...Object.entries(house.packages).flatMap(([folder, table]) => [
      ...graphRules(house, folder, table),
      ...libraryRules(house, folder, table),
      ...roomRules(folder, table),
    ]),
  ];
}

function graphRules(house: House, folder: string, table: PackageTable): Rule[] {
  const own = `^${folder}/src/`;
  const faces = table.imports.flatMap(other => house.entries[other] ?? []).map(atEntry);
  return [
    {
      name: `${folder} imports ${list(table.imports)} of this repository, by their entry points.`,
      from: { path: own },
      to: { path: SOURCES, pathNot: [own, ...faces] },
    },
    {
      name: `Nothing within ${folder} imports its entry points, tests aside.`,
      from: { path: own, pathNot: TESTS },
      to: { path: `^${folder}/src/[^/]+$`, pathNot: roomsIn(table).map(room => inRoom(folder, room)) },
    },
  ];
}

function libraryRules(house: House, folder: string, table: PackageTable): Rule[] {
  const own = `^${folder}/src/`;
  const libraries = Object.keys(table.libraries);
  const rules: Rule[] = [
    {
      name: `${folder} imports ${list(libraries)} of all libraries.`,
      from: { path: own, pathNot: TESTS },
      to: { path: LIBRARIES, pathNot: libraries.map(inLibrary) },
    },
    {
      name: `Tests of ${folder} import ${list([...libraries, ...house.testLibraries])} of all libraries.`,
      from: { path: own + '.*' + TESTS },
      to: { path: LIBRARIES, pathNot: [...libraries, ...house.testLibraries].map(inLibrary) },
    },
    ...Object.entries(table.libraries).map(([library, where]) => ({
      name: `${library} is imported in ${folder}/src/{${where}} only.`,
      from: { path: own, pathNot: roomsOf(where).map(room => inRoom(folder, room)) },
      to: { path: inLibrary(library) },
    })),
  ];
  if (table.node !== true) {
    const rooms = table.node === false ? [] : roomsOf(table.node).map(room => inRoom(folder, room));
    rules.push({
      name: `${folder} runs in browsers too: it imports nothing of Node${rooms.length > 0 ? ` but in {${table.node}}` : ''}.`,
      from: { path: own, pathNot: rooms },
      to: { dependencyTypes: ['core'] },
    });
  }
  return rules;
}

function roomRules(folder: string, table: PackageTable): Rule[] {
  const own = `^${folder}/src/`;
  const suites = roomsOf(table.suites).map(room => inRoom(folder, room));
  const lower: string[] = [];
  const rules: Rule[] = [];
  for (const [index, floor] of table.floors.entries()) {
    for (const room of roomsOf(floor)) {
      const allowed = [inRoom(folder, room), ...lower];
      const name = `${folder}, floor ${index + 1}: ${room.join(', ')} imports itself and lower floors`;
      rules.push(
        { name: `${name}.`, from: { path: inRoom(folder, room), pathNot: TESTS }, to: { path: own, pathNot: allowed } },
        {
          name: `${name}, in its tests too.`,
          from: { path: testsInRoom(folder, room) },
          to: { path: own, pathNot: [...allowed, ...suites] },
        },
      );
    }
    lower.push(...roomsOf(floor).map(room => inRoom(folder, room)));
  }
  for (const room of roomsOf(table.suites)) {
    rules.push({
      name: `${folder}, suites: ${room.join(', ')} imports nothing else of its package.`,
      from: { path: inRoom(folder, room) },
      to: { path: own, pathNot: inRoom(folder, room) },
    });
  }
  return rules;
}

function roomsIn(table: PackageTable): string[][] {
  return [...table.floors, table.suites].flatMap(roomsOf);
}

/** By package or, since types alone may come from there, by its types. */
function inLibrary(library: string): string {
  return `(^|/)node_modules/(@types/)?${library}/`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.length === 1 ? `only ${names[0]}` : `only ${names.join(', ')}`;
}
