import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { DfnsError, type Client } from 'dfns';
import { decision, expense } from './expense.ts';

const STATUSES: Readonly<Record<string, number>> = { VALIDATION: 400, NOT_FOUND: 404, CLOSED: 409 };

/** Serves a page of what waits for a decision, with two buttons each. It keeps nothing: dfns knows it all. */
export function servePage(client: Client): Server {
  return createServer((request, response) => {
    answer(client, request, response).catch((error: unknown) => {
      const status = error instanceof DfnsError ? STATUSES[error.code] : undefined;
      // What is not the reader's to mend is not the reader's to read.
      response.writeHead(status ?? 500).end(status ? (error as DfnsError).message : 'Something went wrong.');
    });
  });
}

async function answer(client: Client, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'POST') {
    const form = new URLSearchParams(await text(request));
    const handle = client.get(expense, form.get('id') ?? '');
    // Of two who press at once the workflow takes the first.
    await handle.signal(decision, { by: form.get('by') ?? '', ok: form.get('ok') === 'yes' });
    response.writeHead(303, { location: '/' }).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(await page(client));
}

async function page(client: Client): Promise<string> {
  const items: string[] = [];
  for await (const { id, attributes } of client.list({ workflow: 'expense', status: ['running'], order: 'oldest' })) {
    const [who, what, amount] = ['who', 'what', 'amount'].map(name => escaped(String(attributes[name])));
    items.push(`<li>${who}: ${what}, ${amount} €
      <form method="post">
        <input type="hidden" name="id" value="${escaped(id)}">
        <input name="by" placeholder="your name" required>
        <button name="ok" value="yes">Approve</button> <button name="ok" value="no">Decline</button>
      </form></li>`);
  }
  const list = items.length > 0 ? `<ul>${items.join('\n')}</ul>` : '<p>Nothing waits for you.</p>';
  return `<!doctype html><title>Expenses</title><h1>Expenses</h1>${list}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(value: string): string {
  return value.replaceAll(/[&<>"]/g, char => ESCAPES[char]!);
}
