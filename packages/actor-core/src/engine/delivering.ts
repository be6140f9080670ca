import { refuseAll } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import type { DfnsError } from '../errors/dfns-error.ts';
import { isOpen } from '../execution/status.ts';
import { shardOf } from '../ids/address.ts';
import type { Eid } from '../ids/ids.ts';
import type { Message } from '../message/message.ts';
import { activate, ORDINARY } from './activation.ts';
import { stopping, unavailable } from './answers.ts';
import { noteFailures } from './failed-tasks.ts';
import { staysRow } from './left-rows.ts';
import { deliverHeld } from './holding.ts';
import type { Rejection } from './metering.ts';
import type { EngineParts } from './parts.ts';
import { newResident, type Resident } from './residents.ts';

const READ_RETRY_MS = 250;

/** Puts a message into the mailbox of an execution, reading it into memory if need be. */
export function deliver(parts: EngineParts, namespace: string, id: string, delivery: Delivery): void {
  if (parts.stopping || (parts.draining && delivery.reply)) return refuse(parts, delivery, 'stopping', stopping());
  const shard = shardOf(namespace, id, parts.options.shards);
  if (!parts.owned.has(shard)) return refuse(parts, delivery, 'not-owner', unavailable());
  let resident = parts.residents.at(namespace, id);
  if (resident && !resident.held && delivery.inbox && staysRow(parts, resident, delivery.inbox)) return;
  if (resident?.actor) {
    const { actor } = resident;
    if (actor.state.ending) {
      // Its last turn is at the store: what comes now is for the next run, or for nobody.
      resident.mail.push(delivery);
      return;
    }
    actor.mailbox.put(delivery);
    return parts.ready(actor);
  }
  if (resident?.held) return deliverHeld(parts, resident, delivery);
  if (resident?.loading) {
    resident.mail.push(delivery);
    return;
  }
  resident ??= newResident(namespace, id, shard);
  resident.mail.push(delivery);
  void activate(parts, resident, ORDINARY);
}

function refuse(parts: EngineParts, delivery: Delivery, reason: Rejection, error: DfnsError): void {
  if (delivery.reply) parts.metering?.rejected(reason);
  refuseAll([delivery], error);
}

/** Gives what waited for an actor that is gone to whoever is its home now. */
export function redeliver(parts: EngineParts, resident: Resident): void {
  for (const settled of resident.settled.splice(0)) settled();
  for (const delivery of resident.mail.splice(0)) deliver(parts, resident.namespace, resident.id, delivery);
}

/** As `redeliver`, of what came from outside: the node's own messages come again by themselves. */
export function redeliverCalls(parts: EngineParts, resident: Resident, mail: readonly Delivery[]): void {
  for (const delivery of mail) if (delivery.reply) deliver(parts, resident.namespace, resident.id, delivery);
}

/** A body's outcome, to its actor; one that is not in memory is read, and finds the outcome here. */
export function offer(parts: EngineParts, eid: Eid, message: Message): void {
  if (parts.stopping) return;
  const resident = parts.residents.byEid(eid);
  if (resident?.actor) {
    resident.actor.mailbox.put({ message, inbox: null, reply: null });
    parts.ready(resident.actor);
  } else if (resident) noteFailures(parts, resident);
  else void readBack(parts, eid);
}

async function readBack(parts: EngineParts, eid: Eid): Promise<void> {
  const { store, clock, log, shards } = parts.options;
  for (;;) {
    try {
      const [loaded] = await store.load([eid]);
      if (parts.stopping || !loaded || !isOpen(loaded.run.status) || !parts.owned.has(loaded.run.shard)) return;
      const { namespace, id } = loaded.run;
      if (parts.residents.at(namespace, id)) return;
      const resident = newResident(namespace, id, shardOf(namespace, id, shards));
      resident.eid = eid;
      return await activate(parts, resident, ORDINARY);
    } catch (error) {
      log.write('warn', 'an execution whose task is done could not be read', { error: String(error) });
      await new Promise<void>(resolve => clock.setTimer(clock.now() + READ_RETRY_MS, resolve));
      if (parts.stopping) return;
    }
  }
}
