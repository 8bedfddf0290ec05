"""The installation's secrets: made once, read by one user."""

import json
from pathlib import Path

import pytest

from quartier.database.keyring import LOGINS, SecretsExposed, keyring


def test_secrets_are_made_once_and_for_one_user(tmp_path: Path) -> None:
    made, read = keyring(tmp_path / "data"), keyring(tmp_path / "data")
    assert made == read
    assert (len(made.signing), len(made.cursor), set(made.passwords)) == (32, 32, set(LOGINS))
    assert (tmp_path / "data" / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_two_installations_share_nothing(tmp_path: Path) -> None:
    one, two = keyring(tmp_path / "one"), keyring(tmp_path / "two")
    assert one.signing != two.signing
    assert one.cursor != two.cursor
    assert not set(one.passwords.values()) & set(two.passwords.values())


def test_a_role_of_a_later_version_gets_a_password_and_the_rest_stays(tmp_path: Path) -> None:
    before = keyring(tmp_path)
    file = tmp_path / "secrets.json"
    kept = json.loads(file.read_text())
    del kept["passwords"]["quartier_queue"]
    file.write_text(json.dumps(kept))
    after = keyring(tmp_path)
    assert set(after.passwords) == set(LOGINS)
    assert after.signing == before.signing
    assert after.passwords["quartier_app"] == before.passwords["quartier_app"]


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keyring(tmp_path)
    (tmp_path / "secrets.json").chmod(0o640)
    with pytest.raises(SecretsExposed, match="chmod 600"):
        keyring(tmp_path)


def test_a_keyring_shows_no_secret(tmp_path: Path) -> None:
    kept = keyring(tmp_path)
    assert kept.passwords["quartier_app"] not in repr(kept)
    assert kept.signing.hex() not in repr(kept)
