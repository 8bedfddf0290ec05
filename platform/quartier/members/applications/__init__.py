"""Asking for a membership, and answering: applied, looked at, more asked for, admitted or declined."""
