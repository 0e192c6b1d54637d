"""Writes a configuration for I Hate Money where there is none, and serves it under gunicorn.

Usage: ihatemoney_app.py FOLDER PORT. It lets an address sign in three times a minute, and answers
200 to whoever comes fourth. Everybody in a drill comes from the same address, so that is off here.
"""

import os
import secrets
import sys
from pathlib import Path

CONFIG = """\
SECRET_KEY = {key!r}
SQLALCHEMY_DATABASE_URI = {database!r}
ENABLE_CAPTCHA = False
ALLOW_PUBLIC_PROJECT_CREATION = True
SESSION_COOKIE_SECURE = False
RATELIMIT_ENABLED = False
"""


def main() -> None:
    folder, port = Path(sys.argv[1]).absolute(), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "ihatemoney.cfg"
    if not config.exists():
        database = f"sqlite:///{folder / 'bills.db'}"
        config.write_text(CONFIG.format(key=secrets.token_hex(), database=database))
    os.environ["IHATEMONEY_SETTINGS_FILE_PATH"] = str(config)
    server = [sys.executable, "-m", "gunicorn", "ihatemoney.wsgi:application"]
    # Workers that each bring the database up to date at their start get into each other's way.
    os.execv(sys.executable, [*server, "--preload", "--workers=2", f"--bind=127.0.0.1:{port}"])


if __name__ == "__main__":
    main()
