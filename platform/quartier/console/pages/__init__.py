"""The pages, one file for each part of the house."""

from litestar.handlers import HTTPRouteHandler

from quartier.console.pages import front, today

HANDLERS: list[HTTPRouteHandler] = [*front.PAGES, *today.PAGES]
