from database.bells import bells, db, quarter

__all__ = ["bells", "db", "quarter"]
