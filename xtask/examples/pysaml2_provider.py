"""An identity provider that others wrote: pysaml2, which signs with xmlsec1.

    python3 pysaml2_provider.py FOLDER PORT SP_METADATA...

It serves on loopback and prints one line when it does. The folder gets its key and its certificate. Each
SP_METADATA is the address of one connection's metadata, which pysaml2 reads itself: it answers only to what stands there.

    /metadata/WAY       its metadata as a customer's administrator downloads it
    /sso/WAY            asks who it is; the answer is signed in this way: `both` Response and Assertion, the
                        `assertion` alone, or both with `sha1`
"""

import base64
import html
import subprocess
import sys
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS, NAME_FORMAT_UNSPECIFIED, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA1, DIGEST_SHA256, SIG_RSA_SHA1, SIG_RSA_SHA256

PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
folder, port, sp_metadata = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
here = f"http://127.0.0.1:{port}"


def make_key() -> None:
    """A key with a certificate that it signs itself, as Okta's are."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=pysaml2",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def provider(way: str) -> Server:
    """The provider whose answers are signed in this way."""
    config = IdPConfig().load({
        "entityid": f"{here}/{way}",
        "service": {
            "idp": {
                "endpoints": {"single_sign_on_service": [(f"{here}/sso/{way}", BINDING_HTTP_REDIRECT)]},
                "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_UNSPECIFIED}},
                "name_id_format": [NAMEID_FORMAT_EMAILADDRESS],
            }
        },
        "key_file": str(folder / "key.pem"),
        "cert_file": str(folder / "certificate.pem"),
        "metadata": {"inline": [urllib.request.urlopen(url).read().decode() for url in sp_metadata]},
    })  # fmt: skip
    return Server(config=config)


def answer(way: str, request: str, name: str) -> tuple[str, str]:
    """Where the answer to a request goes to, and the answer, signed and in base64."""
    idp = providers[way]
    asked = idp.parse_authn_request(request, BINDING_HTTP_REDIRECT)
    to = idp.response_args(asked.message, [BINDING_HTTP_POST])
    response = idp.create_authn_response(
        identity={"email": [name], "firstName": ["Noor"], "lastName": ["Haddad & <Sons>"], "groups": ["A", "B"]},
        name_id=NameID(format=NAMEID_FORMAT_EMAILADDRESS, text=name),
        authn={"class_ref": PASSWORD},
        in_response_to=to["in_response_to"],
        destination=to["destination"],
        sp_entity_id=to["sp_entity_id"],
        sign_response=way != "assertion",
        sign_assertion=True,
        sign_alg=SIG_RSA_SHA1 if way == "sha1" else SIG_RSA_SHA256,
        digest_alg=DIGEST_SHA1 if way == "sha1" else DIGEST_SHA256,
    )
    return to["destination"], base64.b64encode(str(response).encode()).decode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        _, page, way = (url.path + "/").split("/")[:3]
        if page == "metadata" and way in providers:
            self.send(str(entity_descriptor(providers[way].config)), "application/samlmetadata+xml")
            return
        asked = urllib.parse.parse_qs(url.query)
        fields = "".join(hidden(name, asked.get(name, [""])[0]) for name in ("SAMLRequest", "RelayState"))
        self.send(f'<form method="post">{fields}<label>Username <input name="name"></label><button>Sign in</button></form>')

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        said = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
        to, signed = answer(self.path.split("?")[0].split("/")[2], said["SAMLRequest"], said["name"])
        fields = hidden("SAMLResponse", signed) + hidden("RelayState", said["RelayState"])
        post = f'<form method="post" action="{to}">{fields}</form><script>document.forms[0].submit()</script>'
        self.send(post)

    def send(self, text: str, kind: str = "text/html; charset=utf-8") -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing: only failures are of interest, and those are raised."""


def hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{html.escape(value)}">'


make_key()
providers = {way: provider(way) for way in ("both", "assertion", "sha1")}
server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
print(f"pysaml2 at {here}", flush=True)
server.serve_forever()
