import type { Client } from '@dfnsjs/client';

/** Where a node is, and as whom to speak to it. */
export interface Target {
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly namespace?: string | undefined;
}

export type Connect = (target: Target) => Promise<Client>;
