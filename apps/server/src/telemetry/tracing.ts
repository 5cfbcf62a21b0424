import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingHttpHeaders } from 'node:http'
import type { Observer } from '@latchkey/core'
import { NOBODY } from '@latchkey/core'
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { samplerOf } from './sampler.ts'

/** Makes spans of what happens, and sends them away. */
export interface Tracing {
  /** What core is to be given. */
  readonly observer: Observer
  /** Begins the span of a request; what happens in its course is below it. */
  begin(method: string, headers: IncomingHttpHeaders): RequestSpan
  /** Carries out a procedure in a span of its own. */
  call<T>(procedure: string, work: () => Promise<T>): Promise<T>
  /** Sends what is left. */
  close(): Promise<void>
}

/** The span of a request. */
export interface RequestSpan {
  /** @param route its pattern, never its path */
  end(route: string, status: number): void
}

/** `traceparent` (W3C Trace Context, 3.2); of a later version the same parts count. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|$)/

/** What is going on in whose course. Ours: a library's would be one for all of the process. */
const current = new AsyncLocalStorage<Context>()

/**
 * Starts tracing as the variables of OpenTelemetry say; the exporter reads its own (`OTEL_EXPORTER_OTLP_…`). Names of routes and
 * statements go into spans, nothing of what a client has sent.
 */
export function startTracing(variables: NodeJS.ProcessEnv, version: string): Tracing {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'latchkey', 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }))
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(variables),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const tracer = provider.getTracer('latchkey', version)
  return {
    observer: observerOf(tracer),
    begin(method, { traceparent }) {
      const parent = parentOf(traceparent)
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent)
      current.enterWith(trace.setSpan(parent, span))
      return {
        end(route, status) {
          span.updateName(`${method} ${route}`)
          span.setAttributes({
            'http.request.method': method,
            'http.route': route,
            'http.response.status_code': status,
          })
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end()
        },
      }
    },
    async call(procedure, work) {
      const parent = current.getStore() ?? ROOT_CONTEXT
      const span = tracer.startSpan(procedure, {}, parent)
      try {
        return await current.run(trace.setSpan(parent, span), work)
      } finally {
        span.end()
      }
    },
    close: () => provider.shutdown(),
  }
}

/** Core tells of what is over: its spans are made afterwards. */
function observerOf(tracer: Tracer): Observer {
  const over = (name: string, ms: number, kind = SpanKind.INTERNAL, failed = false, attributes = {}) => {
    const context = current.getStore()
    // What belongs to no request (a look for new settings, say) would fill the store with traces of one span.
    if (context === undefined) return
    const end = Date.now()
    const span = tracer.startSpan(name, { kind, startTime: end - ms, attributes }, context)
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(end)
  }
  return {
    ...NOBODY,
    statement: (name, ms, failed) =>
      over(name, ms, SpanKind.CLIENT, failed, { 'db.system.name': 'postgresql', 'db.query.summary': name }),
    answered: (name, ms) => over(`batch ${name}`, ms),
    hash(waitMs, ms) {
      over('password hash', ms)
      over('password hash wait', waitMs)
    },
  }
}

/** The trace that a caller is in. */
function parentOf(header: string | string[] | undefined): Context {
  const [, traceId, spanId, flags] = typeof header === 'string' ? (TRACEPARENT.exec(header) ?? []) : []
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true })
}
