"""Which realm speaks: the desk, its actions, the directory of hosts, blueprints and opening of sites."""
