import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of bytes of one connection to the server: `pass` is called with what goes on, now or later. */
export type Filter = (bytes: Buffer, pass: (bytes: Buffer) => void) => void;

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** What the node asked last is carried out, and its answer is lost. */
  losesAnswer: boolean;
}

/** Stands between one node and a server, and is the network between them. */
export class Passage {
  readonly #links = new Set<Link>();
  readonly #listener: Server;
  #held = false;
  #lost: string | undefined;
  #awaited: { readonly words: string; readonly heard: () => void } | undefined;
  #filter: (() => Filter) | undefined;

  private constructor(port: number) {
    this.#listener = createServer(client => {
      const link: Link = { client, server: connect(port, '127.0.0.1'), losesAnswer: false };
      this.#links.add(link);
      this.#carry(link);
    });
  }

  static async start(port: number): Promise<Passage> {
    const passage = new Passage(port);
    passage.#listener.listen(0, '127.0.0.1');
    await once(passage.#listener, 'listening');
    return passage;
  }

  /** The same server, through here. */
  through(url: string): string {
    const parsed = new URL(url);
    parsed.port = String((this.#listener.address() as AddressInfo).port);
    return parsed.href;
  }

  /** Nothing arrives on either side any more; connections stand, and new ones are not answered. */
  hold(): void {
    this.#held = true;
    for (const { client, server } of this.#links) for (const socket of [client, server]) socket.pause();
  }

  /** What was held arrives. */
  release(): void {
    this.#held = false;
    for (const { client, server } of this.#links) for (const socket of [client, server]) socket.resume();
  }

  /** Resolves when the node sends these words, which go on to the server. */
  sends(words: string): Promise<void> {
    return new Promise(heard => (this.#awaited = { words, heard }));
  }

  /** The next connection that sends these words is cut as soon as the server answers. */
  loseAnswerTo(words: string): void {
    this.#lost = words;
  }

  /** Of connections made from now on. */
  filter(filter: (() => Filter) | undefined): void {
    this.#filter = filter;
  }

  /** Ends all connections. */
  cut(): void {
    for (const { client, server } of this.#links) for (const socket of [client, server]) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #carry(link: Link): void {
    const { client, server } = link;
    const filter = this.#filter?.();
    const pass = (bytes: Buffer) => void server.write(bytes);
    client.on('data', bytes => {
      if (this.#lost !== undefined && bytes.includes(this.#lost)) {
        link.losesAnswer = true;
        this.#lost = undefined;
      }
      if (this.#awaited && bytes.includes(this.#awaited.words)) {
        this.#awaited.heard();
        this.#awaited = undefined;
      }
      if (filter) filter(bytes, pass);
      else pass(bytes);
    });
    server.on('data', bytes => {
      if (link.losesAnswer) client.destroy();
      else client.write(bytes);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#links.delete(link);
        other.destroy();
      });
      if (this.#held) socket.pause();
    }
  }
}
