"""The platform: every rule of the house. It knows no GraphQL."""
