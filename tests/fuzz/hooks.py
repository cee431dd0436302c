"""What a schema cannot say of a request that is to be taken."""

import base64
import json
from urllib.parse import parse_qsl, urlsplit

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """The id in a document about a record is the one in the path."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive:
        return
    body, path = case.body, case.path_parameters or {}
    data = body.get("data") if isinstance(body, dict) else None
    if case.method == "PATCH" and isinstance(data, dict) and "id" in path:
        data["id"] = path["id"]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Leaves out what is meant. Errors of different kinds are answered with 400 together, though none of them is
    one. A filter names only what its reader may see, and no schema says who that is. Where nothing stands between two commas, or before one, nothing is listed (`include=`), though no schema
    says so. And what was generated may be nothing once it is written out: an empty filter."""
    if response.status_code == 400 and "json" in response.headers["content-type"][0]:
        errors = response.json()["errors"]
        is_unseen = not is_integration(response) and all(it["code"] == "FILTER_NOT_ALLOWED" for it in errors)
        return len({error["status"] for error in errors}) == 1 and not is_unseen
    sent = parse_qsl(urlsplit(response.request.url).query, keep_blank_values=True)
    lists = [value for name, value in sent if name in ("include", "sort") or name.startswith("fields[")]
    is_blank = any(not part.strip() for value in lists for part in value.split(","))
    is_lost = "filter[q]" in failure.message and not any(name.startswith("filter") for name, _ in sent)
    return not (is_blank or is_lost)


def is_integration(response):
    """Whether the token that was sent is an integration's, which sees everything."""
    token = response.request.headers.get("Authorization", "").removeprefix("Bearer ")
    claims = token.split(".")[1] if token.count(".") == 2 else "e30"
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return claims.get("application", {}).get("kind") == "integration"
