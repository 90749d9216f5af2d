"""PyJWT and Authlib, which others wrote from the RFCs, judge what the crate `oauth` makes, and make what
it judges. One JSON object on standard input, one on standard output; an objection is an exception."""

import json
import sys

import jwt
from authlib.oauth2.rfc7523.assertion import sign_jwt_bearer_assertion
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

# The algorithms that clients sign with, and a key for each.
KEYS = {
    "ES256": ECKey.generate_key("P-256", {"use": "sig"}),
    "ES384": ECKey.generate_key("P-384"),
    "RS256": RSAKey.generate_key(2048),
    "PS256": RSAKey.generate_key(3072, {"alg": "PS256"}),
}


def judge_tokens(given):
    """Our ID tokens and logout tokens, by both libraries."""
    published = jwt.PyJWKSet.from_dict(given["jwks"])
    joserfc_keys = KeySet.import_key_set(given["jwks"])
    judged = 0
    for case in given["tokens"]:
        token, algorithm = case["token"], case["algorithm"]
        header = jwt.get_unverified_header(token)
        assert header["typ"] == case["type"], header
        claims = jwt.decode(
            token,
            published[header["kid"]],
            algorithms=[algorithm],
            audience=given["client_id"],
            issuer=given["issuer"],
            # The moment is the test's.
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "sub"]},
        )
        again = joserfc_jwt.decode(token, joserfc_keys, algorithms=[algorithm])
        assert again.claims == claims
        if case["type"] == "JWT":
            id_token = CodeIDToken(
                claims,
                header,
                options={
                    "iss": {"essential": True, "value": given["issuer"]},
                    "aud": {"essential": True, "value": given["client_id"]},
                },
                params={
                    "nonce": case["nonce"],
                    "client_id": given["client_id"],
                    "access_token": case["access_token"],
                    "max_age": 60,
                },
            )
            id_token.validate(now=given["now"])
        judged += 1
    for jwk in given["jwks"]["keys"]:
        key = ECKey if jwk["kty"] == "EC" else RSAKey
        assert key.import_key(jwk).thumbprint() == jwk["kid"]
    return judged


def judge_documents(given):
    """Our metadata, by the rules of RFC 8414 and OpenID Connect Discovery."""
    AuthorizationServerMetadata(given["authorization_server"]).validate()
    OpenIDProviderMetadata(given["openid_configuration"]).validate()
    assert create_s256_code_challenge(given["verifier"]) == given["challenge"]


def assertions(given):
    """Client assertions that must be believed, each with the keys of its client."""
    made = []
    for algorithm, key in KEYS.items():
        jwks = {"keys": [dict(key.as_dict(private=False), kid=key.thumbprint())]}
        times = {"iat": given["now"], "exp": given["now"] + 300}
        claims = {"iss": given["client_id"], "sub": given["client_id"], "aud": given["issuer"]}
        by_pyjwt = jwt.encode(
            {**claims, **times, "jti": "pyjwt"},
            key.as_pem(private=True),
            algorithm=algorithm,
            headers={"kid": key.thumbprint()},
        )
        by_authlib = sign_jwt_bearer_assertion(
            key,
            given["client_id"],
            given["issuer"],
            given["client_id"],
            issued_at=given["now"],
            header={"alg": algorithm, "typ": "JWT"},
        )
        made += [{"jwks": jwks, "token": token} for token in (by_pyjwt, by_authlib)]
    return made


def universal_logout(given):
    """A request as Okta signs it, and the key of its certificate."""
    key = KEYS["RS256"]
    token = jwt.encode(
        {
            "iss": "http://www.okta.com/exk1",
            "sub": "0oa1",
            "aud": given["revocation_address"],
            "jti": "one",
            "iat": given["now"],
            "nbf": given["now"] - 300,
            "exp": given["now"] + 300,
        },
        key.as_pem(private=True),
        algorithm="RS256",
        headers={"typ": "global-token-revocation+jwt", "kid": "of-the-provider"},
    )
    # A key from a certificate has no name of its own.
    return {"jwk": key.as_dict(private=False), "token": token}


given = json.load(sys.stdin)
judge_documents(given)
json.dump(
    {
        "judged": judge_tokens(given),
        "assertions": assertions(given),
        "universal_logout": universal_logout(given),
    },
    sys.stdout,
)
