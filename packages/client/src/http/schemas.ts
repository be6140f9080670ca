import { z } from 'zod';
import { endRequest, retryReply, retryRequest, setAttributesRequest } from '../operations/actions.ts';
import { executionAddress } from '../operations/address.ts';
import { clusterNode, clusterReply, nodeAddress } from '../operations/cluster.ts';
import { definitionsReply, infoReply, nodeRequest } from '../operations/definitions.ts';
import { eventsRequest, toldChange } from '../operations/events.ts';
import {
  countReply,
  executionDescription,
  executionFilter,
  listReply,
  listRequest,
  resultReply,
  startReply,
  startRequest,
  turnReply,
  turnRequest,
} from '../operations/executions.ts';
import { exportHistoryRequest, historyFile, historyReply, historyRequest } from '../operations/history.ts';
import { signalWithStartRequest, updateWithStartReply, updateWithStartRequest } from '../operations/message-starts.ts';
import {
  queryRequest,
  signalRequest,
  startUpdateReply,
  takenReply,
  updateOutcomeRequest,
  updateRequest,
} from '../operations/messages.ts';
import { payload, recordedError } from '../operations/payload.ts';
import { completeTaskRequest, failTaskRequest, pendingTaskRequest } from '../operations/tasks.ts';
import { stateReply, stateRequest, timelineReply, timelineRequest } from '../operations/timeline.ts';
import type { OperationName } from './bindings.ts';

/** What an operation takes, and what its answer shows. */
export interface Schemas {
  readonly request: z.ZodObject;
  /** Absent: it answers nothing. */
  readonly answer?: z.ZodType;
}

const result = z.object({ result: payload });

/** For whoever checks requests and describes answers: the client that asks loads none of it. */
export const SCHEMAS = {
  start: { request: startRequest, answer: startReply },
  list: { request: listRequest, answer: listReply.extend({ hasMore: z.boolean() }) },
  count: { request: executionFilter, answer: countReply },
  describe: { request: executionAddress, answer: executionDescription },
  result: {
    request: executionAddress,
    answer: z.object({
      status: resultReply.shape.status,
      result: payload.optional(),
      error: recordedError.optional(),
    }),
  },
  turn: { request: turnRequest, answer: turnReply.nullable() },
  history: { request: historyRequest, answer: historyReply },
  signal: { request: signalRequest, answer: takenReply },
  query: { request: queryRequest, answer: result },
  update: { request: updateRequest, answer: result },
  startUpdate: { request: updateRequest, answer: startUpdateReply },
  updateOutcome: { request: updateOutcomeRequest, answer: result },
  signalWithStart: { request: signalWithStartRequest, answer: startReply },
  updateWithStart: { request: updateWithStartRequest, answer: updateWithStartReply },
  cancel: { request: endRequest, answer: takenReply },
  terminate: { request: endRequest },
  retry: { request: retryRequest, answer: retryReply },
  setAttributes: { request: setAttributesRequest, answer: takenReply },
  retryTaskNow: { request: pendingTaskRequest },
  completeTask: { request: completeTaskRequest },
  failTask: { request: failTaskRequest },
  exportHistory: { request: exportHistoryRequest, answer: historyFile },
  timeline: { request: timelineRequest, answer: timelineReply },
  state: { request: stateRequest, answer: stateReply },
  delete: { request: executionAddress },
  events: { request: eventsRequest, answer: toldChange },
  definitions: { request: nodeRequest, answer: definitionsReply },
  info: { request: nodeRequest, answer: infoReply },
  cluster: { request: nodeRequest, answer: clusterReply },
  cordonNode: { request: nodeAddress, answer: clusterNode },
  drainNode: { request: nodeAddress, answer: clusterNode },
  uncordonNode: { request: nodeAddress, answer: clusterNode },
} as const satisfies Record<OperationName, Schemas>;
