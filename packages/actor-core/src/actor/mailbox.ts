import type { Held } from '../execution/execution.ts';
import type { Message } from '../message/message.ts';
import type { InboxKey } from '../ports/store/inbox.ts';

/** Who is told once a message is durable, refused or lost. */
export interface Reply {
  /** The message is durable (or was already). `held`: its execution is, and takes it when it goes on. */
  accepted(held?: Held): void;
  refused(error: Error): void;
  /** W3C trace context of whoever sent it. */
  readonly traceparent?: string;
}

/** A message on its way to an actor. */
export interface Delivery {
  readonly message: Message;
  /** Its durable row, deleted by the commit that takes it. */
  readonly inbox: InboxKey | null;
  readonly reply: Reply | null;
}

export function inboxKeyText(key: InboxKey): string {
  return `${key.accepted}:${key.sender}:${key.number}`;
}

/** What has arrived and is not taken, in order. */
export class Mailbox {
  #items: Delivery[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  put(delivery: Delivery): void {
    this.#items.push(delivery);
  }

  /** Back to the front, in their order. */
  putBack(deliveries: readonly Delivery[]): void {
    this.#items = [...deliveries, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }

  take(): Delivery | undefined {
    if (this.#head === this.#items.length) return undefined;
    const delivery = this.#items[this.#head]!;
    this.#head++;
    if (this.#head === this.#items.length) {
      // Setting the length to 0 lets go of the memory, which the next message would ask for again.
      if (this.#head === 1) this.#items.pop();
      else this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return delivery;
  }

  /** All that waits, which stays. */
  waiting(): readonly Delivery[] {
    return this.#items.slice(this.#head);
  }

  drain(): Delivery[] {
    const rest = this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    return rest;
  }
}
