from tenancy.town import town

__all__ = ["town"]
