"""Folders of sites under names of a test's own."""

import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Cluster
from world import NOW, Administrator

from quartier.acts import opening
from quartier.database.engine import TenantEngine
from quartier.settings import home
from quartier.tenancy.drift import Difference
from quartier.tenancy.realm import Realm

_count = itertools.count(1)


@dataclass
class Town:
    """`tenants/` copied under names of the test's own, and the database's address for whoever opens sites."""

    root: Path
    administrator: str
    sql: Administrator

    async def open(self, folder: str) -> Realm:
        return await opening.open_site(self.administrator, self.root / folder, now=NOW, demo=True)

    async def drift(self, folder: str) -> list[Difference]:
        return await opening.drift(self.administrator, self.root / folder, now=NOW, demo=True)

    async def count(self, table: str, realm: Realm) -> int:
        return int(await self.sql.fetchval(f"select count(*) from {table} where tenant_id = $1", realm.id))

    def copy(self, folder: str, name: str, *, slug: str) -> None:
        """What a person does: copy a folder, change the slug and the hosts."""
        shutil.copytree(self.root / folder, self.root / name)
        file = self.root / name / "site.toml"
        text = file.read_text("utf-8")
        for old in (f'slug = "{slug_of(text)}"', f'demo = "{slug_of(text)}.localhost"'):
            assert old in text
            text = text.replace(old, old.replace(slug_of(file.read_text("utf-8")), slug))
        text = text.replace(".quartier.example", f".{slug}.example", 1)
        file.write_text(text, "utf-8")


def slug_of(text: str) -> str:
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("slug = "))


@pytest.fixture
def town(tmp_path: Path, postgres: Cluster, database: str, administrator: Administrator, engine: TenantEngine) -> Town:
    root, mark = tmp_path / "tenants", f"o{next(_count)}"
    shutil.copytree(home("tenants"), root)
    for file in (root / "city.toml", *root.glob("*/site.toml")):
        text = file.read_text("utf-8")
        slug = slug_of(text)
        text = text.replace(f'slug = "{slug}"', f'slug = "{slug}-{mark}"').replace(
            'city = "leipzig"', f'city = "leipzig-{mark}"'
        )
        text = text.replace(f'extends = "leipzig-west-{mark}"', 'extends = "leipzig-west"')
        text = text.replace(".localhost", f"-{mark}.localhost").replace(".quartier.example", f".{mark}.example")
        file.write_text(text, "utf-8")
    return Town(root, postgres.dsn(database), administrator)
