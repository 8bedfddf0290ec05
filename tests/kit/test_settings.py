"""Settings that cannot be used are told by their name."""

from datetime import timedelta

import pytest

from quartier.settings import SettingInvalid, read


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("QUARTIER_PORT", "abc", "QUARTIER_PORT is a number, not 'abc'."),
        ("QUARTIER_PORT", "70000", "QUARTIER_PORT is a number from 0 to 65535."),
        ("QUARTIER_PORT", "nan", "QUARTIER_PORT is a number, not 'nan'."),
        ("QUARTIER_GRAPH_CANARY", "2", "QUARTIER_GRAPH_CANARY is a share from 0 to 1."),
        ("QUARTIER_GRAPH_COMPILE", "maybe", "QUARTIER_GRAPH_COMPILE is on or off, not 'maybe'."),
        ("QUARTIER_CLOCK_AHEAD_SECONDS", "60", "QUARTIER_CLOCK_AHEAD_SECONDS is for the demo; unset it here."),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_by_its_name(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        read({name: value})
    assert str(refused.value) == told


def test_the_demo_may_move_its_clock() -> None:
    assert read({"QUARTIER_DEMO": "1", "QUARTIER_CLOCK_AHEAD_SECONDS": "-60"}).clock_ahead == timedelta(minutes=-1)
