"""Planned faults, one way of going wrong a file. Every inject undoes itself."""
