"""`python -m quartier.cli <command>`, which the checkout's script execs."""

import os
import sys

os.environ.setdefault("PICCOLO_CONF", "quartier.database.piccolo_conf")

from quartier.cli.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
