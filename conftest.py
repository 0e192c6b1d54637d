"""What pytest must not import: Locust patches sockets and threads of the whole process."""

collect_ignore = ["harness/engine/conductor.py", "harness/engine/engine_user.py"]
