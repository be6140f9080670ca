import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAMS = ['/usr/sbin/nats-server', '/usr/local/bin/nats-server', '/usr/bin/nats-server'];

const running = new Set();
// The test's own end ends them too, however that comes.
process.once('exit', () => running.forEach(child => child.kill('SIGKILL')));

export async function startNats({ settings = '', port } = {}) {
  const program = PROGRAMS.find(existsSync);
  if (!program) throw new Error('These tests need a NATS server: apt-get install nats-server');
  const folder = mkdtempSync(join(tmpdir(), 'dfns-nats-'));
  const config = join(folder, 'nats.conf');
  const listening = port ?? (await freePort());
  const configure = lines => writeFileSync(config, `listen: "127.0.0.1:${listening}"\n${lines}\n`);
  configure(settings);
  let child;
  let said = '';

  const server = {
    port: listening,
    url: `nats://127.0.0.1:${listening}`,
    get pid() {
      return child.pid;
    },
    said: () => said,
    async kill(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.ref();
      child.kill(signal);
      // One that is stopped hears of nothing but SIGKILL before it goes on.
      child.kill('SIGCONT');
      await gone;
      running.delete(child);
    },
    async restart(lines) {
      if (lines !== undefined) configure(lines);
      child = spawn(program, ['-c', config], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
      running.add(child);
      child.stderr.on('data', text => (said += text));
      await saying(child, 'Server is ready');
      child.stderr.unref();
      child.unref();
    },
    async reload(lines) {
      configure(lines);
      child.kill('SIGHUP');
      await saying(child, 'Reloaded server configuration');
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.restart();
  return server;
}

/** Until it says so from now on. */
function saying(child, words) {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = text => {
      said += text;
      if (!said.includes(words)) return;
      child.stderr.off('data', listen);
      child.off('exit', ended);
      resolve();
    };
    const ended = code => reject(new Error(`${child.spawnfile} ended with ${code}: ${said}`));
    child.stderr.on('data', listen);
    child.once('exit', ended);
  });
}

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
