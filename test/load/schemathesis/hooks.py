import schemathesis


@schemathesis.hook
def map_headers(context, headers):
    """Made-up headers beside the described one have names such as `*!`, of which
    Kuzzle's HTTP server never comes back."""
    return {name: value for name, value in (headers or {}).items() if name == "X-Namespace"}
