"""Ask /healthz of the web process beside us; prints the answer, fails when failing.

The name asked for is one that the deployment serves, because Django refuses others.
"""

import os
import sys
import urllib.error
import urllib.request

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> int:
    host = os.environ.get("HOST", "127.0.0.1")
    host = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
    request = urllib.request.Request(
        f"http://{host}:{os.environ.get('PORT', '8000')}/healthz",
        headers={"Host": served_name()},
    )
    try:
        with DIRECT.open(request, timeout=7) as answer:
            print(answer.read().decode())
    except urllib.error.HTTPError as error:
        print(error.read().decode())
        return 1
    except OSError as error:
        print(error)
        return 1
    return 0


def served_name() -> str:
    name = os.environ.get("WANGGE_HOSTS", "").split(",")[0].strip()
    return name.lstrip(".") if name not in {"", "*"} else "localhost"


if __name__ == "__main__":
    sys.exit(main())
