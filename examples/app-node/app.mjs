// A B2B application whose people sign in with Doorward: OpenID Connect, authorization code with PKCE.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oidc from "openid-client";

const { ISSUER = "http://127.0.0.1:8400", CLIENT_ID, CLIENT_SECRET, APP_URL = "http://localhost:3000" } = process.env;
const secure = APP_URL.startsWith("https:");
// Plain http is for trying it out on one machine.
const options = ISSUER.startsWith("http:") ? { execute: [oidc.allowInsecureRequests] } : {};
const provider = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, options);
const { issuer, jwks_uri } = provider.serverMetadata();
const keys = createRemoteJWKSet(new URL(jwks_uri));

// By the value of a cookie: what the answer to a sign-in under way must match, or who is signed in. Yours are in a database.
const sessions = new Map();

const cookie = secure ? "__Host-session" : "session";
const sessionOf = (request) => request.headers.cookie?.split("; ").find((one) => one.startsWith(`${cookie}=`))?.slice(cookie.length + 1);
const setCookie = (id) => `${cookie}=${id}; Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
const escape = (text) => String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
const page = (status, html) => ({ status, headers: { "content-type": "text/html; charset=utf-8" }, body: `<!doctype html><title>Sprocket</title>${html}` });
const redirect = (url, headers = {}) => ({ status: 303, headers: { location: String(url), ...headers } });

const fields = async (request) => {
  let body = "";
  for await (const chunk of request) if ((body += chunk).length > 65_536) throw new Error("too large");
  return new URLSearchParams(body);
};

const routes = {
  "GET /": async (request) => {
    const person = sessions.get(sessionOf(request))?.person;
    // Doorward says when a session ends at the latest; then the person signs in again.
    if (!person || person.session_expiry * 1000 < Date.now()) {
      return page(200, '<h1>Sprocket</h1><form action="/sign-in"><label>Organization <input name="organization"></label> <button>Sign in</button></form>');
    }
    const { name, preferred_username, organization, roles } = person;
    const settings = roles.some((role) => ["admin", "superadmin"].includes(role)) ? "<p>You may change the settings.</p>" : "";
    return page(200, `<h1>Hello, ${escape(name ?? preferred_username)}</h1><p>Organization: <b>${escape(organization.name)}</b></p>
      <p>Roles: <b>${escape(roles.join(", "))}</b></p>${settings}<form method="post" action="/sign-out"><button>Sign out</button></form>`);
  },

  "GET /sign-in": async (_, url) => {
    const pending = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() };
    const id = randomUUID();
    sessions.set(id, { pending });
    // Without an organization, Doorward asks the person at /signin.
    const organization = url.searchParams.get("organization");
    const to = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: `${APP_URL}/callback`, scope: "openid profile email", state: pending.state, nonce: pending.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier), code_challenge_method: "S256",
      ...(organization ? { organization } : {}),
    });
    return redirect(to, { "set-cookie": setCookie(id) });
  },

  "GET /callback": async (request, url) => {
    const before = sessionOf(request);
    const pending = sessions.get(before)?.pending;
    sessions.delete(before); // good for one answer
    if (!pending) return page(400, "<h1>This sign-in was not begun here</h1><a href='/'>Try again</a>");
    const tokens = await oidc.authorizationCodeGrant(provider, url, {
      pkceCodeVerifier: pending.verifier, expectedState: pending.state, expectedNonce: pending.nonce, idTokenExpected: true,
    });
    const id = randomUUID(); // a new one, so that no one can have planted it
    sessions.set(id, { person: tokens.claims(), idToken: tokens.id_token });
    return redirect("/", { "set-cookie": setCookie(id) });
  },

  "POST /sign-out": async (request) => {
    const session = sessions.get(sessionOf(request));
    sessions.delete(sessionOf(request));
    if (!session?.idToken) return redirect("/");
    return redirect(oidc.buildEndSessionUrl(provider, { id_token_hint: session.idToken, post_logout_redirect_uri: `${APP_URL}/` }));
  },

  // Doorward tells of a session that is over: signed out elsewhere, archived by Okta, connection switched off.
  "POST /logged-out": async (request) => {
    const token = (await fields(request)).get("logout_token") ?? "";
    const { payload } = await jwtVerify(token, keys, { issuer, audience: CLIENT_ID, typ: "logout+jwt", algorithms: ["ES256"], requiredClaims: ["jti", "iat", "exp", "events"] });
    const event = payload.events["http://schemas.openid.net/event/backchannel-logout"];
    if (!event || payload.nonce || !(payload.sid || payload.sub)) throw new Error("not a logout token");
    for (const [id, { person }] of sessions) {
      if (person && (payload.sid ? person.sid === payload.sid : person.sub === payload.sub)) sessions.delete(id);
    }
    return { status: 200, headers: {} };
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url, APP_URL);
  const route = routes[`${request.method} ${url.pathname}`] ?? (() => page(404, "<h1>There is nothing here</h1>"));
  const answer = await Promise.resolve(route(request, url)).catch((error) => {
    console.error(`${request.method} ${url.pathname}: ${error.message}`);
    return page(400, "<h1>That did not work</h1><a href='/'>Try again</a>");
  });
  response.writeHead(answer.status, { "cache-control": "no-store", ...answer.headers }).end(answer.body);
}).listen(new URL(APP_URL).port || 3000, "127.0.0.1", () => console.log(`listening at ${APP_URL}`));
