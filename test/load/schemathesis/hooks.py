import os

import schemathesis


@schemathesis.hook
def map_headers(context, headers):
    """Made-up headers beside the described one have names such as `*!`, of which
    Kuzzle's HTTP server never comes back."""
    return {name: value for name, value in (headers or {}).items() if name == "X-Namespace"}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Requests are of the user whose token is in the environment, or of nobody."""
    token = os.environ.get("KUZZLE_JWT")
    if token is not None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
