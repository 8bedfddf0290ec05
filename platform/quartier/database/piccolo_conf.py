"""Piccolo's configuration (PICCOLO_CONF): the administrator's engine, which nobody has connected by default."""

from piccolo.conf.apps import AppRegistry

from quartier.database.administrator import ADMINISTRATOR

DB = ADMINISTRATOR
APP_REGISTRY = AppRegistry(apps=["quartier.database.piccolo_app"])
