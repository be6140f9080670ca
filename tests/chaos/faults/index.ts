import { CODE_FAULTS } from './code.ts';
import type { Fault } from './fault.ts';
import { INBOX_FAULTS } from './inbox.ts';
import { MESSAGE_FAULTS } from './messages.ts';
import { NATS_FAULTS } from './nats.ts';
import { PLANNED_FAULTS } from './planned.ts';
import { POSTGRES_FAULTS } from './postgres.ts';
import { PROCESS_FAULTS } from './processes.ts';

export const FAULTS: Readonly<Record<string, Fault>> = {
  ...PROCESS_FAULTS,
  ...NATS_FAULTS,
  ...POSTGRES_FAULTS,
  ...PLANNED_FAULTS,
  ...MESSAGE_FAULTS,
  ...CODE_FAULTS,
  ...INBOX_FAULTS,
};
