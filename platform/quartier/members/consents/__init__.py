"""What people and organisations agree to: to a text, in their own words, until they withdraw it."""
