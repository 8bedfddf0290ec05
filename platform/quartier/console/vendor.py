"""Fetch the third-party files of the console with npm and check every byte.

    python platform/quartier/console/vendor.py [--print]

`npm pack` only downloads: no package script runs, nothing is installed. The files are taken over as they
are, each package with its licence. `--print` shows the hashes of what came, for a new version.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "static"
OUT = STATIC / "vendor"


@dataclass(frozen=True)
class Package:
    """What is taken of one package: its files with their SHA-256, and the text of its licence."""

    name: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "graphiql",
        "3.8.3",
        "MIT",
        "graphiql",
        {
            "graphiql.min.js": "22faab94067b695e5f7959619fbe686ebcc8955002a0c97d986bcbba4ad4bc2c",
            "graphiql.min.css": "b1868247f8e0502cd869e581f5f3cb55b334862e7f51b1d6cbace11059b9adc2",
            "LICENSE": "4b18fbe55c4e8f9169cb702be138f4d858a2dad920c39857204ffdc9c1c9fdc4",
        },
    ),
    Package(
        "react",
        "18.3.1",
        "MIT",
        "react",
        {
            "umd/react.production.min.js": "d949f1c3687aedadcedac85261865f29b17cd273997e7f6b2bfc53b2f9d4c4dd",
            "LICENSE": "52412d7bc7ce4157ea628bbaacb8829e0a9cb3c58f57f99176126bc8cf2bfc85",
        },
    ),
    Package(
        "react-dom",
        "18.3.1",
        "MIT",
        "react",
        {
            "umd/react-dom.production.min.js": "35f4f974f4b2bcd44da73963347f8952e341f83909e4498227d4e26b98f66f0d",
        },
    ),
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        "htmx",
        {
            "dist/htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
            "LICENSE": "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38",
        },
    ),
    Package(
        "@fontsource/fira-sans",
        "5.3.0",
        "OFL-1.1",
        "fonts",
        {
            "files/fira-sans-latin-400-normal.woff2": "3e38d8c01fe97529fbf0a086bf958d724b723ca7fc8be77b4ba5745f6259b6ca",  # noqa: E501
            "files/fira-sans-latin-600-normal.woff2": "55e09735e30d8492afac5d59ac433c6b367bb7dd00c46e157cfe95c9fb29e833",  # noqa: E501
            "files/fira-sans-latin-700-normal.woff2": "c753d7153cac2cfeb877264d18f11197ca672d3e04ba1472154a54777a4e354d",  # noqa: E501
            "LICENSE": "18aabf190848725e2576eefb5c29ba06aac1029d02132252a7f312eac2e50cf3",
        },
    ),
)


def fetch(package: Package, *, show: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{package.name}@{package.version}"
        done = subprocess.run(
            ["npm", "pack", "--silent", wanted], cwd=folder, check=True, capture_output=True, text=True
        )
        with tarfile.open(Path(folder) / done.stdout.split()[-1]) as archive:
            for path, expected in package.files.items():
                member = archive.extractfile(f"package/{path}")
                if member is None:
                    raise SystemExit(f"{wanted} has no file {path}")
                data = member.read()
                found = hashlib.sha256(data).hexdigest()
                if show:
                    print(f"{package.name} {path} {found}")
                elif found != expected:
                    raise SystemExit(f"{wanted} {path}: SHA-256 is {found}, expected {expected}")
                else:
                    target = OUT / package.folder / Path(path).name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)


def notice() -> str:
    """The text of NOTICE: what of others is here, under which licence, and how to know it."""
    lines = ["Files of others in this folder, unmodified. Fetched and checked by ../../vendor.py.", ""]
    for package in PACKAGES:
        lines.append(f"{package.name} {package.version}, {package.licence} (its text: {package.folder}/LICENSE)")
        lines += [f"  {package.folder}/{Path(path).name}  sha256 {digest}" for path, digest in package.files.items()]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    show = "--print" in sys.argv
    for package in PACKAGES:
        fetch(package, show=show)
        print(f"{package.name} {package.version} ({package.licence})")
    if not show:
        (OUT / "NOTICE").write_text(notice(), "utf-8")


if __name__ == "__main__":
    main()
