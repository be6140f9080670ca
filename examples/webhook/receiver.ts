import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { DfnsError, type Client } from 'dfns';
import { payment, PaymentEvent, purchase } from './purchase.ts';

const BODY_BYTES = 64 * 1024;

/** The signature that the provider sends along. */
export function signatureOf(body: string | Buffer, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/**
 * Takes the provider's webhooks. Each becomes a signal to its purchase, which begins with it if there is none yet. It is
 * answered with 202 once that is durable, and whatever goes wrong before is answered so that the provider sends it again:
 * the event's id makes it count once.
 */
export function receiver(client: Client, secret: string): Server {
  return createServer((request, response) => {
    receive(client, secret, request).then(
      status => response.writeHead(status).end(),
      (error: unknown) => {
        console.error('a webhook was not taken', error);
        response.writeHead(503, { 'retry-after': '5' }).end();
      },
    );
  });
}

async function receive(client: Client, secret: string, request: IncomingMessage): Promise<number> {
  if (request.method !== 'POST') return 405;
  const body = await read(request);
  if (!body) return 413;
  const given = Buffer.from(String(request.headers['x-signature']));
  const expected = Buffer.from(signatureOf(body, secret));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 401;
  const event = parse(body.toString());
  if (!event) return 400;
  try {
    await client.signalWithStart(
      purchase,
      { order: event.order, price: event.price },
      {
        id: `purchase-${event.order}`,
        idempotencyKey: event.id,
        // A purchase that is over stays over, whatever comes after it.
        reuse: 'never',
        signal: { name: payment, payload: event },
      },
    );
  } catch (error) {
    if (!(error instanceof DfnsError) || error.code !== 'ALREADY_EXISTS') throw error;
    console.warn(`${event.id} came after purchase-${event.order} had ended.`);
  }
  return 202;
}

/** undefined: it is no event. Sent again it would be none either. */
function parse(body: string): PaymentEvent | undefined {
  try {
    return PaymentEvent.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** undefined: it is longer than any event. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
