"""Money for others: funds and their lines, calls, applications, awards, payments. Every cent is a posting."""
