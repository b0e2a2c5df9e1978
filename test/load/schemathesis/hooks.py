import os

import schemathesis


@schemathesis.hook
def map_headers(context, headers):
    """Generated headers besides the described one have names such as `*!`, to which
    Kuzzle's HTTP server never responds."""
    return {name: value for name, value in (headers or {}).items() if name == "X-Namespace"}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Sends requests as the user whose token is in the environment, or anonymously."""
    token = os.environ.get("KUZZLE_JWT")
    if token is not None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
