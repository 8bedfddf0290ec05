"""Webhooks: programs of others are told what happened here, signed by the Standard Webhooks specification."""
