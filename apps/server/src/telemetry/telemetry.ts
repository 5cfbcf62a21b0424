import type { Core, Observer } from '@latchkey/core'
import { NOBODY } from '@latchkey/core'
import type { Environment } from '../environment.ts'
import type { Metrics } from './metrics.ts'
import { serveMetrics } from './metrics-port.ts'
import { partsObserver } from './request-parts.ts'
import type { Tracing } from './tracing.ts'

/** How this process lets people see inside. */
export interface Telemetry {
  /** What core is to be given. */
  readonly observer: Observer
  /** Undefined where nobody could read them. */
  readonly metrics: Metrics | undefined
  /** Undefined where nobody wants traces. */
  readonly tracing: Tracing | undefined
  /** From now on metrics tell of this core. */
  watch(core: Core): void
  close(): Promise<void>
}

/**
 * Starts what the environment asks for; what it does not ask for is not even loaded.
 *
 * @throws StartError when the port of the metrics cannot be had
 */
export async function startTelemetry(
  { metricsPort, metricsHost, metricsToken, slowRequestMs }: Environment,
  version: string,
  variables = process.env,
): Promise<Telemetry> {
  const tracing = wantsTraces(variables) ? (await import('./tracing.ts')).startTracing(variables, version) : undefined
  const isRead = metricsPort !== undefined || metricsToken !== undefined
  const metrics = isRead ? (await import('./metrics.ts')).createMetrics(version) : undefined
  const port =
    metrics === undefined || metricsPort === undefined
      ? undefined
      : await serveMetrics(metrics, { host: metricsHost, port: metricsPort })
  return {
    observer: together([
      ...(metrics ? [metrics.observer] : []),
      ...(slowRequestMs > 0 ? [partsObserver] : []),
      ...(tracing ? [tracing.observer] : []),
    ]),
    metrics,
    tracing,
    watch: (core) => metrics?.watch(core),
    close: async () => {
      await port?.close()
      await tracing?.close()
    },
  }
}

/** Whether the variables of OpenTelemetry ask for traces: they say where to send them, and do not say not to. */
function wantsTraces({
  OTEL_SDK_DISABLED: disabled,
  OTEL_TRACES_EXPORTER: exporter,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint,
}: NodeJS.ProcessEnv): boolean {
  return disabled !== 'true' && exporter !== 'none' && (endpoint ?? tracesEndpoint ?? '') !== ''
}

/** One that tells all. */
function together(observers: Observer[]): Observer {
  const [first = NOBODY, ...others] = observers
  return others.reduce(
    (one, other): Observer => ({
      statement(...heard) {
        one.statement(...heard)
        other.statement(...heard)
      },
      connection(ms) {
        one.connection(ms)
        other.connection(ms)
      },
      answered(...heard) {
        one.answered(...heard)
        other.answered(...heard)
      },
      batch(...heard) {
        one.batch(...heard)
        other.batch(...heard)
      },
      hash(...heard) {
        one.hash(...heard)
        other.hash(...heard)
      },
      refreshed(outcome) {
        one.refreshed(outcome)
        other.refreshed(outcome)
      },
      loggedIn(outcome) {
        one.loggedIn(outcome)
        other.loggedIn(outcome)
      },
      limited(limit) {
        one.limited(limit)
        other.limited(limit)
      },
    }),
    first,
  )
}
