"""What a load balancer, a watchman and a collector are told, and who is told nothing."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from conftest import Cluster
from doorway import client, installed, running, who_speaks
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from world import Administrator, Site

from quartier.app import App, Edges, create_app
from quartier.database.engine import DB
from quartier.database.faults import DatabaseAway
from quartier.database.pulse import pulse as whole
from quartier.settings import Settings
from quartier.web import health
from quartier.web.traces import configured, traced


@pytest.fixture
def probe(app: App) -> httpx2.AsyncClient:
    """Asks by the machine's address: probes know no host of ours."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://10.0.0.7:8000")


async def test_it_lives_whatever_the_database_does(probe: httpx2.AsyncClient) -> None:
    answer = await probe.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"live": True})


async def test_it_is_ready_when_every_power_answers_and_the_walls_stand(
    probe: httpx2.AsyncClient, administrator: Administrator
) -> None:
    await administrator.execute("delete from jobs.pgqueuer where status = 'failed'")  # other rooms' tests hold some
    answer = await probe.get("/health/ready")
    powers = {f"database.{power}": "ok" for power in DB.powers}
    assert len(powers) == 4
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": powers | {"clock": "ok", "walls": "ok", "notices": "ok", "failed_jobs": 0},
    }


async def test_it_is_not_ready_without_one_of_its_powers(
    probe: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pulse(engine: Any, power: str) -> float:
        if power == "city":
            raise DatabaseAway("10.1.2.3:5432")
        return await whole(engine, power)

    monkeypatch.setattr(health, "pulse", pulse)
    answer = await probe.get("/health/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["checks"]["database.city"] == "away"
    assert "10.1.2.3" not in answer.text


async def test_it_is_not_ready_when_the_clocks_differ_by_a_minute(
    probe: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pulse(engine: Any, power: str) -> float:
        return -60.0

    monkeypatch.setattr(health, "pulse", pulse)
    answer = await probe.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["clock"]) == (503, "60 s apart")


async def test_it_is_not_ready_behind_a_broken_wall(
    app: App, probe: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.health, "walls", ["T2 not forced [app.booking]"])
    answer = await probe.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["walls"]) == (503, "1 broken")
    assert "booking" not in answer.text


async def test_the_figures_are_for_the_machine_itself(app: App, at_west: httpx2.AsyncClient, west: Site) -> None:
    await at_west.post("/graphql")
    await at_west.get("/something/somebody/chose")
    page = (await at_west.get("/metrics")).text
    assert 'quartier_requests_total{method="POST",place="/graphql",status="200"}' in page
    assert 'place="other"' in page
    assert "somebody" not in page
    assert "quartier_ear_hearing 1.0" in page
    forwarded = {"x-forwarded-for": "127.0.0.1"}
    assert (await at_west.get("/metrics", headers=forwarded)).status_code == 404
    transport = httpx2.ASGITransport(app, client=("192.0.2.1", 1))
    async with httpx2.AsyncClient(transport=transport, base_url=f"https://{west.realm.host}") as stranger:
        assert (await stranger.get("/metrics")).status_code == 404


async def test_with_a_token_the_figures_are_for_its_bearer(
    app: App, postgres: Cluster, database: str, west: Site
) -> None:
    settings = Settings(data=Path("unused"), demo=True, metrics_token="for-the-collector")
    made = create_app(settings, Edges(), installed(postgres, database, settings))
    async with running(made), client(made, west) as http:
        assert (await http.get("/metrics")).status_code == 404
        wrong = {"authorization": "Bearer for-the-collecto"}
        assert (await http.get("/metrics", headers=wrong)).status_code == 404
        right = {"authorization": "Bearer for-the-collector", "x-forwarded-for": "192.0.2.1"}
        assert (await http.get("/metrics", headers=right)).status_code == 200


async def test_a_request_is_one_span_without_a_query_string(
    app: App, postgres: Cluster, database: str, west: Site
) -> None:
    spans = InMemorySpanExporter()
    settings = Settings(data=Path("unused"), demo=True)
    made = create_app(
        settings,
        Edges(graphql=who_speaks),
        installed(postgres, database, settings),
        traces=traced(SimpleSpanProcessor(spans)),
    )
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with running(made), client(made, west, headers={"traceparent": parent}) as http:
        await http.post("/graphql?code=s3cr3t", headers={"authorization": "Bearer qtr_s3cr3t"})
    [span] = spans.get_finished_spans()
    assert span.name == "POST /graphql"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == parent.split("-")[1]
    assert dict(span.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 401,
        "quartier.realm": west.realm.slug,
    }
    assert "s3cr3t" not in span.to_json()


def test_nobody_traces_unless_told_where_to() -> None:
    assert configured({})._tracer is None
    told = configured({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert told._tracer is not None
    told.stop()
