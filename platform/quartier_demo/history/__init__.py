"""What happened and no verb of the house can do yet: states written directly, each with its audit line.

Each function goes when its verb comes. Money moves by the ledger's own posting in every case.
"""
