"""OpenTelemetry spans, when OTEL_EXPORTER_OTLP_ENDPOINT says where to; its packages are loaded only then."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Ended = Callable[[int, str | None, str], None]


def _untold(status: int, realm: str | None, place: str) -> None:
    """Nobody traces."""


_NO_SPAN = contextlib.nullcontext(_untold)


class Traces:
    """One span per request; `tracer` None makes none."""

    def __init__(self, tracer: Any = None, provider: Any = None) -> None:
        self._tracer, self._provider = tracer, provider

    def span(self, method: str, headers: Mapping[bytes, bytes]) -> contextlib.AbstractContextManager[Ended]:
        """Trace one request, as a child of the caller's span if it names one; call with how it ended."""
        return _NO_SPAN if self._tracer is None else self._span(method, headers)

    @contextlib.contextmanager
    def _span(self, method: str, headers: Mapping[bytes, bytes]) -> Iterator[Ended]:
        from opentelemetry.trace import SpanKind, Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier = {"traceparent": headers.get(b"traceparent", b"").decode("latin-1")}
        parent = TraceContextTextMapPropagator().extract(carrier)
        with self._tracer.start_as_current_span(method, context=parent, kind=SpanKind.SERVER) as span:

            def ended(status: int, realm: str | None, place: str) -> None:
                span.update_name(f"{method} {place}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", place)
                span.set_attribute("http.response.status_code", status)
                if realm is not None:
                    span.set_attribute("quartier.realm", realm)
                if status >= 500:
                    span.set_status(Status(StatusCode.ERROR))

            yield ended

    def stop(self) -> None:
        """Send what is left; blocks for some seconds at most."""
        if self._provider is not None:
            self._provider.shutdown()


def configured(environment: Mapping[str, str] = os.environ) -> Traces:
    """Make the tracer that the standard variables describe (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME …)."""
    if not (environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")):
        return Traces()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return traced(BatchSpanProcessor(OTLPSpanExporter()))


def traced(processor: Any) -> Traces:
    """Traces that go to a span processor."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    service = os.environ.get("OTEL_SERVICE_NAME", "quartier")
    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return Traces(provider.get_tracer("quartier"), provider)
