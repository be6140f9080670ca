export { withoutSecrets } from './log-fields.ts';
export { openTelemetry, type OpenedTelemetry, type TelemetryOptions } from './open.ts';
export { meteredStore } from './metered-store.ts';
export { terminalLog } from './terminal.ts';
export type { TracerProvider } from './opentelemetry.ts';
export type { MetricsPage, SharedPort } from './prometheus.ts';
