/** What needs a schema library at run time: clients load none of it. */
export { declaredSchema } from './operations/declared-schema.ts';
export { heldNotice } from './operations/executions.ts';
export { takenReply } from './operations/messages.ts';
