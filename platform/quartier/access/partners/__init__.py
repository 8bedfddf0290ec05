"""Partner institutions that sign their people in by OpenID Connect: who they are here, and what they said."""
