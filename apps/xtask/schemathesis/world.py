"""What is on the server before Schemathesis begins: two businesses, and whoever calls.

Each request comes from an address of its own, by the header of a proxy that the server was told to believe, and each
kind of caller has several credentials: the server's limits are far above what anybody asks in earnest, and still below
what is asked here.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
import time
import uuid
from urllib.parse import parse_qsl

import requests

BASE = os.environ["CHEETAH_BASE_URL"]
ADMIN_KEY = os.environ["CHEETAH_ADMIN_KEY"]
ADMIN_PASSWORD = os.environ["CHEETAH_ADMIN_PASSWORD"]
ADMIN_PRIVATE_KEY = os.environ["CHEETAH_ADMIN_PRIVATE_KEY"]
ACCOUNT_SID = os.environ["CHEETAH_ACCOUNT_SID"]
AUTH_TOKEN = os.environ["CHEETAH_AUTH_TOKEN"]

API = BASE + "/api/v1"
PASSWORD = "four words of no sentence"
OPERATOR = {"X-Admin-API-Key": ADMIN_KEY}

# What a business makes to begin with: the parameter that names it, where it is made, and of what.
ONE_OF_EVERYTHING = [
    ("prompt_id", "prompts", {"channel": "sms", "sections": [{"key": "tone", "order": 1, "content": "Be kind."}]}),
    ("profile_id", "ai-profiles", {"name": "Brief", "role": "receptionist", "system_prompt": "Be brief."}),
    (
        "example_id",
        "examples",
        {
            "name": "Leak",
            "transcript": [{"author": "contact", "text": "My pipe leaks"}],
            "expectations": [{"kind": "must_mention", "text": "leaks"}],
            "weight": "informing",
        },
    ),
    ("key_id", "api-keys", {"name": "to lose"}),
    ("owner_token_id", "owner-tokens", {"name": "to lose"}),
    ("token_id", "widget-tokens", {"name": "to lose", "allowed_origins": ["https://example.com"]}),
]

turns = itertools.count()


def address():
    """Returns an address that nobody had before."""
    turn = next(turns)
    return f"10.{turn >> 16 & 255}.{turn >> 8 & 255}.{turn & 255}"


def ask(method, path, body=None, headers=None):
    """Makes a request that has to succeed."""
    headers = {"X-Forwarded-For": address(), **(headers or {})}
    response = requests.request(method, API + path, json=body, headers=headers, timeout=30)
    if not response.ok:
        raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
    return response.json() if response.content else None


class Signed(requests.auth.AuthBase):
    """Signs a webhook as the carrier does: over the URL as it is asked for, and the form's fields in order."""

    def __call__(self, request):
        body = request.body or b""
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
        fields = sorted(set(parse_qsl(text, keep_blank_values=True)))
        signed = request.url + "".join(name + value for name, value in fields)
        digest = hmac.new(AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
        request.headers["X-Twilio-Signature"] = base64.b64encode(digest).decode()
        return request


def admin_token(subject):
    """Signs what `cheetah admin-token --subject` signs."""
    now = int(time.time())
    claims = {
        "iss": "chatter-cheetah-cli",
        "aud": "chatter-cheetah/admin",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "sub": subject,
    }
    parts = [{"typ": "JWT", "alg": "HS256"}, claims]
    text = b".".join(encoded(json.dumps(part).encode()) for part in parts)
    digest = hmac.new(ADMIN_PRIVATE_KEY.encode(), text, hashlib.sha256).digest()
    return (text + b"." + encoded(digest)).decode()


def encoded(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=")


class Member:
    """Somebody who signs in, and does so again when the session is over."""

    def __init__(self, tenant, role):
        self.email = f"{uuid.uuid4().hex}@example.com"
        body = {"email": self.email, "name": role, "role": role, "password": PASSWORD}
        self.id = ask("POST", f"/tenants/{tenant}/members", body, OPERATOR)["id"]
        self.session = None

    def sign_in(self):
        return ask("POST", "/auth/login", {"email": self.email, "password": PASSWORD})

    def headers(self):
        self.session = self.session or self.sign_in()
        return {"Authorization": "Bearer " + self.session["access_token"]}


class Business:
    """A tenant with one of everything that a path can name."""

    def __init__(self, name):
        self.id = ask("POST", "/tenants", {"name": name}, OPERATOR)["id"]
        self.number, self.customer = (f"+1{area}{uuid.uuid4().int % 10**7:07}" for area in (555, 556))
        self.page = self.make("widget-tokens", {"name": "page", "allowed_origins": ["*"]})
        self.program = self.make("api-keys", {"name": "program"})
        channel = {"channel": "sms", "provider": "twilio", "address": self.number}
        account = {"provider": "twilio", "account_sid": "AC" + uuid.uuid4().hex, "auth_token": uuid.uuid4().hex}
        self.visitor = ask("POST", "/chat/sessions", None, {"X-Widget-Token": self.page["token"]})
        self.ids = {
            "tenant_id": [self.id],
            "account_id": [self.make("provider-accounts", account)["id"]],
            "channel_id": [self.make("channels", channel)["id"]],
        }
        for name, what, body in ONE_OF_EVERYTHING:
            self.ids[name] = [self.make(what, body)["id"]]
        self.receive("Do you fix sinks?")
        self.ids["contact_id"] = [self.first("contacts")]
        self.ids["conversation_id"] = [self.first("conversations")]
        self.ids["lead_id"] = [self.lead(), self.lead()]

    def make(self, what, body):
        return ask("POST", f"/tenants/{self.id}/{what}", body, OPERATOR)

    def as_program(self):
        return {"X-API-Key": self.program["key"]}

    def first(self, what):
        return ask("GET", f"/{what}", None, self.as_program())["items"][0]["id"]

    def lead(self):
        return ask("POST", "/leads", {"email": f"{uuid.uuid4().hex}@example.com"}, self.as_program())["id"]

    def message(self, text):
        """Returns the form of a text message that a customer sends."""
        sid = "SM" + uuid.uuid4().hex
        parts = {"AccountSid": ACCOUNT_SID, "MessageSid": sid, "From": self.customer, "To": self.number}
        return {**parts, "Body": text}

    def report(self, status):
        """Returns the form of a report about a message to a customer."""
        parts = {"AccountSid": ACCOUNT_SID, "MessageSid": "SM" + uuid.uuid4().hex, "From": self.number}
        return {**parts, "MessageStatus": status}

    def receive(self, text):
        path = BASE + "/webhooks/twilio/sms"
        requests.post(path, self.message(text), auth=Signed(), timeout=30).raise_for_status()
