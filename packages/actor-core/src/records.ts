export * from './values.ts';
export { decodeLineage, type Lineage } from './execution/lineage.ts';
export { matchesFilter } from './execution/filter.ts';
export type { Turn } from './journal/turn.ts';
export { decodeMessage, encodeMessage, decodeTurn, encodeTurn } from './journal/record.ts';
export { joinRows } from './journal/snapshot.ts';
export { healsByItself } from './state/hold.ts';
export { exportHistory, parseHistory } from './replay/history-file.ts';
