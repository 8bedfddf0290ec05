from browser.chromium import browser, house, served, visitor
from doorway import log

__all__ = ["browser", "house", "log", "served", "visitor"]
