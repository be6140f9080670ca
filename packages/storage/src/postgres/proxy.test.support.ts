import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The message that ends a statement, and with it its transaction. */
const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly kept: Buffer[];
}

/** Stands between a store and its server, and decides what of its statements arrives. */
export class Proxy {
  /** What goes through: all, nothing of a client's for now, all but the end of each statement, or all but the answers. */
  mode: 'pass' | 'keep' | 'withhold-end' | 'mute' = 'pass';
  readonly #server: Server;
  readonly #links: Link[] = [];

  private constructor(port: number) {
    this.#server = createServer(client => {
      const link: Link = { client, upstream: connect(port, '127.0.0.1'), kept: [] };
      this.#links.push(link);
      client.on('data', data => this.#forward(link, data));
      link.upstream.on('data', data => {
        if (this.mode !== 'mute') client.write(data);
      });
      link.upstream.on('close', () => client.destroy());
      // The end of a client that statements were kept of is not told: they may arrive yet.
      client.on('close', () => {
        if (link.kept.length === 0 && this.mode === 'pass') link.upstream.destroy();
      });
      for (const socket of [client, link.upstream]) socket.on('error', () => undefined);
    });
  }

  static async start(port: number): Promise<Proxy> {
    const proxy = new Proxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** The same database, through here. */
  through(url: string): string {
    const parsed = new URL(url);
    parsed.port = String((this.#server.address() as AddressInfo).port);
    return parsed.href;
  }

  get isKeeping(): boolean {
    return this.#links.some(({ kept }) => kept.length > 0);
  }

  /** What was kept arrives; nothing is kept any more. */
  release(): void {
    this.mode = 'pass';
    for (const { upstream, kept } of this.#links) for (const data of kept.splice(0)) upstream.write(data);
  }

  async stop(): Promise<void> {
    for (const { client, upstream } of this.#links) for (const socket of [client, upstream]) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #forward({ upstream, kept }: Link, data: Buffer): void {
    if (this.mode === 'pass' || this.mode === 'mute') upstream.write(data);
    else if (this.mode === 'keep' || !data.subarray(-SYNC.length).equals(SYNC)) {
      if (this.mode === 'keep') kept.push(data);
      else upstream.write(data);
    } else {
      upstream.write(data.subarray(0, -SYNC.length));
      kept.push(SYNC);
    }
  }
}
