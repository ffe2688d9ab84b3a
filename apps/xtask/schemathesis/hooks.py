"""Lets Schemathesis reach the handlers: gives each request a caller, and puts what there is in the place of what was
made up.
"""

import datetime
import os
import uuid
from itertools import count

import schemathesis

from world import ADMIN_PASSWORD, OPERATOR, PASSWORD, Business, Member, Signed, address, admin_token

# Who calls where several may: one of them, or each in turn.
CALLERS = os.environ.get("CHEETAH_CALLERS", "operator owner operator program").split()
# How many credentials of a kind take turns.
CREDENTIALS = 4
# What operations take from each caller, what it has in the first place.
PRESENTS = {
    "operator": ["admin_key", "widget_token", "twilio_signature", "member"],
    "owner": ["member", "visitor_token", "twilio_signature", "admin_key"],
    "program": ["api_key", "widget_token", "twilio_signature", "visitor_token", "member", "admin_key"],
}

# The business that is asked about, and one that may be suspended and deleted.
own, other = Business("Own"), Business("Other")
owners = [Member(own.id, "owner") for _ in range(CREDENTIALS)]
programs = [own.make("api-keys", {"name": f"program {turn}"}) for turn in range(CREDENTIALS)]
tokens = [admin_token(f"operator-{turn}") for turn in range(CREDENTIALS)]
operators = [OPERATOR, *({"Authorization": "Bearer " + token} for token in tokens)]
# Who signs out, changes passwords and is thrown out.
leaver, refresher, bystander = (Member(own.id, "viewer") for _ in range(3))
own.ids["member_id"] = [bystander.id]
# Without these there are no more callers; whoever is to lose one of them loses one of the other business's.
KEPT = {
    own.id: other.id,
    own.page["id"]: other.page["id"],
    **{one.id: bystander.id for one in [*owners, leaver, refresher]},
    **{one["id"]: other.program["id"] for one in [own.program, *programs]},
}
# The operations after which a caller may be none any more.
TAKES_AWAY = {
    "change_member",
    "change_tenant",
    "revoke_api_key",
    "revoke_widget_token",
    "rotate_api_key",
    "set_member_password",
}
# Where the next page of each list begins.
cursors = {}
turns = count()


def is_id(value):
    try:
        return str(uuid.UUID(value)) == value
    except (AttributeError, TypeError, ValueError):
        return False


def operation_id(operation):
    return operation.definition.raw["operationId"]


def credential(operation):
    """Returns what the caller whose turn it is presents, as headers."""
    turn = next(turns)
    taken = operation.definition.raw["security"]
    if operation_id(operation) in ("log_out", "change_own_password"):
        return leaver.headers()
    for scheme in PRESENTS[CALLERS[turn % len(CALLERS)]]:
        named = next((one for one in taken if scheme in one), None)
        if named is None:
            continue
        turn //= len(CALLERS)
        if scheme == "admin_key":
            tenant = {"X-Tenant-Id": own.id} if "tenant_id" in named else {}
            return {**operators[turn % len(operators)], **tenant}
        if scheme == "member":
            return owners[turn % len(owners)].headers()
        if scheme == "api_key":
            return {"X-API-Key": programs[turn % len(programs)]["key"]}
        if scheme == "widget_token":
            return {"X-Widget-Token": own.page["token"]}
        if scheme == "visitor_token":
            return {"X-Visitor-Token": own.visitor["visitor_token"]}
        # A webhook is signed at the end.
        return {}
    return {}


@schemathesis.auth(refresh_interval=None)
class Callers:
    """Presents what an operation takes, right before it is called."""

    def get(self, case, context):
        return {"X-Forwarded-For": address(), **credential(case.operation)}

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), **data}
        key = case.headers.get("Idempotency-Key")
        if isinstance(key, str) and 0 < len(key) <= 255:
            # A name that was used before belongs to the request before.
            turn = f"-{uuid.uuid4().hex}"
            case.headers["Idempotency-Key"] = key[: 255 - len(turn)] + turn
        if case.operation.path.startswith("/webhooks/"):
            case._auth = Signed()
        if case.meta is not None and case.meta.generation.mode.is_positive:
            adapt(case)
        if operation_id(case.operation) in TAKES_AWAY:
            spare(case.path_parameters)


def adapt(case):
    """Puts what there is in the place of half of what was made up, in a request that is as it should be."""
    turn = next(turns)
    for name, value in (case.path_parameters or {}).items():
        if is_id(value) and name in own.ids and (name == "tenant_id" or turn % 2):
            case.path_parameters[name] = own.ids[name][turn // 2 % len(own.ids[name])]
    if case.query:
        case.query = {**case.query, **a_query_for(case)}
    if turn % 2:
        case.body = a_body_for(case)
    elif isinstance(case.body, dict):
        case.body = {**case.body, **usable(case.body)}


def spare(path_parameters):
    """Puts what nobody needs in the place of what callers need, of which the last id of the path tells."""
    if path_parameters:
        last = list(path_parameters)[-1]
        path_parameters[last] = KEPT.get(path_parameters[last], path_parameters[last])


def a_query_for(case):
    """Returns what no schema can say of a query: a cursor is the server's, and at most 366 days are shown at once."""
    query, today = case.query, datetime.date.today()
    known = {"cursor": cursors.get(operation_id(case.operation), "")}
    if query.get("from") and "to" in query:
        known |= {"from": str(today - datetime.timedelta(days=7)), "to": str(today)}
    elif query.get("from") or query.get("to"):
        known |= {"from": str(today), "to": str(today)}
    return {name: value for name, value in known.items() if name in query}


def usable(body):
    """Returns what no schema can say of fields: ends are to come, and addresses are some that nobody has."""
    known = {"expires_at": "2099-01-01T00:00:00Z", "email": f"{uuid.uuid4().hex}@example.com"}
    return {name: value for name, value in known.items() if isinstance(body.get(name), str)}


def a_body_for(case):
    """Returns a body that names what there is."""
    known = {name: own.ids[name][0] for name in ("lead_id", "conversation_id", "contact_id")}
    body = case.body
    match operation_id(case.operation):
        case "twilio_sms":
            return own.message("Do you fix taps?")
        case "twilio_status":
            return own.report("delivered")
        case "log_in":
            return {"email": refresher.email, "password": PASSWORD}
        case "refresh":
            return {"refresh_token": refresher.sign_in()["refresh_token"]}
        case "sign_in_as_admin":
            return {"password": ADMIN_PASSWORD}
        case "change_own_password":
            return {"current_password": PASSWORD, "new_password": PASSWORD}
    if isinstance(body, dict):
        named = {name: known.get(name, value) for name, value in body.items() if is_id(value)}
        return {**body, **named, **usable(body)}
    return body


@schemathesis.hook
def after_call(context, case, response):
    """Remembers what was made, where lists go on, and who is no longer signed in."""
    operation = operation_id(case.operation)
    is_json = "application/json" in "".join(response.headers.get("content-type", []))
    body = response.json() if is_json else {}
    if response.status_code == 201 and operation != "create_tenant" and is_id(body.get("id")):
        for name in named_below(case):
            own.ids[name] = [body["id"], *own.ids.get(name, [])][:8]
    if response.status_code == 200 and isinstance(body, dict) and "next_cursor" in body:
        cursors[operation] = body["next_cursor"] or ""
    if operation in ("log_out", "change_own_password") and response.status_code in (204, 401):
        leaver.session = None


def named_below(case):
    """Returns the parameters that name what is made here."""
    start = case.path + "/{"
    return {path.removeprefix(start).split("}")[0] for path in case.operation.schema if path.startswith(start)}
