"""Piccolo finds our migrations here. Our own runner (migrate.py) keeps each script and its row together."""

from piccolo.conf.apps import AppConfig

from quartier.settings import home

APP_CONFIG = AppConfig(app_name="quartier", migrations_folder_path=home("migrations"))
