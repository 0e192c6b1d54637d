"""Makes a classic Roundup tracker where there is none, and serves it under waitress.

Usage: roundup_tracker.py FOLDER PORT, with ROUNDUP_ADMIN in the environment. Roundup's own server
refuses to run as root and forks for each request; as a WSGI app it does neither.
"""

import os
import re
import subprocess
import sys
from pathlib import Path


def make(folder: Path, port: int) -> None:
    admin = str(Path(sys.executable).with_name("roundup-admin"))
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [admin, "-i", str(folder), "install"], input="classic\nsqlite\n", text=True, check=True
    )
    config = folder / "config.ini"
    text = config.read_text()
    for key, value in (("web", f"http://127.0.0.1:{port}/"), ("domain", "example.org")):
        text = re.sub(rf"(?m)^#{key} = .*$", f"{key} = {value}", text, count=1)
    text = re.sub(r"(?m)^#host = .*$", "host = localhost", text, count=1)
    config.write_text(text)
    password = os.environ["ROUNDUP_ADMIN"]
    subprocess.run([admin, "-i", str(folder), "initialise", password], check=True)


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    if not (folder / "db" / "db").exists():
        make(folder, port)

    from roundup.cgi.wsgi_handler import RequestDispatcher
    from waitress import serve

    serve(RequestDispatcher(str(folder)), listen=f"127.0.0.1:{port}", threads=8)


if __name__ == "__main__":
    main()
