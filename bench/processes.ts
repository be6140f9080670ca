import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** Runs a role of child.ts to its end. */
export async function run<Answer>(role: string, path: string, count = 0): Promise<Answer> {
  const child = spawn(process.execPath, [...process.execArgv, '--expose-gc', CHILD, role, path, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answer: Answer | undefined;
  for await (const line of createInterface({ input: child.stdout })) answer = JSON.parse(line) as Answer;
  if (child.exitCode === null) await once(child, 'exit');
  if (answer === undefined) throw new Error(`${role} gave no answer.`);
  return answer;
}

/** Runs a role until it has answered and `restMs` more, then kills it with SIGKILL. */
export async function runAndKill(role: string, path: string, count: number, restMs: number): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, CHILD, role, path, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: child.stdout }), 'line');
  await new Promise(resolve => setTimeout(resolve, restMs));
  child.kill('SIGKILL');
  await once(child, 'exit');
}
