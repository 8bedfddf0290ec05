"""The tables of a blueprint, one file for each part of the house; an unknown key is an error."""
