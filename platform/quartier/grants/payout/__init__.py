"""Payment in instalments: requested, checked, approved by different people, paid."""
