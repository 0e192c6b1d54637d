"""What participants do, one role a file. Behaviours see neither a socket nor a clock."""
