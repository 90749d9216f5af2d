// examples/app and examples/app-node in a real browser, with identity providers that others wrote. Each check is a line "ok" or
// "not ok" on standard output.
//
// The environment says, beside what common.mjs wants, which browser to use (CHROMIUM), which Python has pysaml2
// (PYTHON), where the application in Node is with its modules (APP_NODE), which program the one in Rust is (APP),
// and where files may be written (SCRATCH).

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { check, doorward, firstLine, freePort, scim, soon, start, url } from "./common.mjs";

const { CHROMIUM, PYTHON, APP, APP_NODE, SCRATCH } = process.env;
const NOOR = "noor@acme.example";

/** One more customer, whose Okta pushes Noor and the group Editors with her in it. */
const customer = async (slug, name) => {
  await doorward("organization", "create", name, "--slug", slug);
  const connection = await doorward("connection", "create", "--organization", slug, "--provider", "okta", "--protocol", "scim2");
  const okta = scim(connection);
  const noor = await okta("POST", "/Users", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: NOOR, displayName: "Noor Haddad",
    name: { givenName: "Noor", familyName: "Haddad" }, emails: [{ value: NOOR, primary: true }], active: true,
  });
  await okta("POST", "/Groups", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Editors", members: [{ value: noor.id }],
  });
  await doorward("role", "create", "editor", "--organization", slug);
  await doorward("role", "map", "--organization", slug, "--group", "Editors", "--role", "editor");
  return { slug, connection, okta, noor };
};

/** Starts an identity provider; `trust` makes a connection take its answers. */
const provider = async (name, ways, command, args, customers) => {
  const [folder, port] = [join(SCRATCH, name), await freePort()];
  await mkdir(folder, { recursive: true });
  const metadata = customers.map(({ connection }) => `${url}/saml/${connection.id}/metadata`);
  await firstLine(start(command, [...args, folder, String(port), ...metadata]));
  const trust = ({ connection }, way, wanted) =>
    doorward(
      "connection", "saml", "set", connection.id, "--provider-entity-id", `http://127.0.0.1:${port}/${way}`,
      "--sso-url", `http://127.0.0.1:${port}/sso/${way}`, "--certificate", join(folder, "certificate.pem"),
      "--signed", wanted, "--state", "testing",
    );
  return { name, ways, trust };
};

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });

/** Signs in where the provider asks who it is. */
const say = async (page, name) => {
  await page.getByLabel("Username").fill(name);
  await page.getByRole("button", { name: "Sign in" }).click();
};
const text = (page) => page.locator("body").innerText();

/** What the page of the sign-in that lets no one in says. */
const tried = async ({ connection }, name) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/saml/${connection.id}/login`);
  await say(page, name);
  await page.waitForURL(`${url}/**`);
  const said = await text(page);
  await context.close();
  return said;
};

/** The provider's answers are taken as the connection is set, and only so. */
const shapes = async ({ name, ways, trust }, customer) => {
  for (const [way, wanted] of [["both", "both"], ["both", "assertion"], ["assertion", "assertion"]]) {
    await trust(customer, way, wanted);
    const said = await tried(customer, NOOR);
    check(`${name}: signed ${way}, wanted ${wanted}: taken`, !said.includes(`would sign in ${NOOR}`) && said);
  }
  const refused = async (what, way, reason) => {
    await trust(customer, way, "both");
    const said = await tried(customer, NOOR);
    const { entries } = await doorward("audit", "list", "--organization", customer.slug);
    const told = entries.findLast(({ kind }) => kind === "sign-in.refused")?.body.reason;
    check(`${name}: ${what} is refused`, (!said.includes("We could not sign you in") && said) || (told !== reason && told));
  };
  await refused("an assertion alone where both are wanted", "assertion", "unsigned_response");
  if (ways.includes("sha1")) await refused("SHA-1", "sha1", "signature_algorithm");
  await trust(customer, "both", "both");
  const nobody = await tried(customer, "stranger@acme.example");
  check(`${name}: a stranger is no one`, !nobody.includes("would sign in nobody") && nobody);
  await doorward("connection", "saml", "set", customer.connection.id, "--state", "enforced", "--yes");
};

/** An application, registered and started. */
const application = async (command, args, folder) => {
  const app = `http://127.0.0.1:${await freePort()}`;
  const client = await doorward(
    "client", "create", "Sprocket", "--kind", "application", "--redirect-uri", `${app}/callback`,
    "--post-logout-redirect-uri", `${app}/`, "--backchannel-logout-uri", `${app}/logged-out`,
  );
  const environment = { ISSUER: url, CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret, APP_URL: app };
  await firstLine(start(command, args, { cwd: folder, env: { ...process.env, ...environment } }));
  return app;
};

/** The way of a person through the application, until Okta deactivates her. */
const visit = async (app, name, { slug, okta, noor }, organization) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const active = (value) => okta("PATCH", `/Users/${noor.id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", value: { active: value } }],
  });
  await active(true);
  const enter = async () => {
    await page.goto(app);
    await page.getByLabel("Organization").fill(slug);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await enter();
  await say(page, NOOR);
  await page.waitForURL(`${app}/`);
  const said = await text(page);
  check(`${name}: the application greets the person`, !said.includes("Hello, Noor Haddad") && said);
  check(`${name}: it shows the organization`, !said.includes(`Organization: ${organization}`) && said);
  check(`${name}: it shows the role of a pushed group`, !said.includes("editor") && said);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${app}/`);
  check(`${name}: who signs out is signed out`, !(await text(page)).includes("Sign in") && (await text(page)));
  const session = await context.request.get(`${url}/session`);
  check(`${name}: at Doorward, too`, session.status() !== 401 && session.status());
  await enter();
  await say(page, NOOR);
  await page.waitForURL(`${app}/`);
  await active(false);
  const out = await soon(async () => {
    await page.reload();
    return !(await text(page)).includes("Hello");
  });
  check(`${name}: the application is told that Okta deactivated her`, !out && (await text(page)));
  await context.close();
};

/** What no one may bring to the application. */
const refused = async (app, which) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const wrong = async (name, answer) => check(`${which} refuses ${name}`, answer.status() !== 400 && answer.status());
  await wrong("an answer that it did not ask for", await page.goto(`${app}/callback?code=x&state=y&iss=${url}`));
  await page.goto(app);
  await context.request.get(`${app}/sign-in?organization=acme`, { maxRedirects: 0 });
  await wrong("the answer to another request", await page.goto(`${app}/callback?code=x&state=y&iss=${url}`));
  const [forged, empty] = [{ logout_token: "eyJhbGciOiJub25lIn0.e30." }, {}];
  await wrong("a forged logout token", await context.request.post(`${app}/logged-out`, { form: forged }));
  await wrong("a logout without a token", await context.request.post(`${app}/logged-out`, { form: empty }));
  await context.close();
};

try {
  const [acme, initech] = [await customer("acme", "Acme Corporation"), await customer("initech", "Initech <Ltd>")];
  const providers = [
    await provider("pysaml2", ["both", "assertion", "sha1"], PYTHON, ["-W", "ignore", "pysaml2_provider.py"], [acme, initech]),
    await provider("samlify", ["both", "assertion"], "node", ["samlify_provider.mjs"], [acme, initech]),
  ];
  await shapes(providers[0], acme);
  await shapes(providers[1], initech);
  for (const [which, command, args, folder] of [["app-node", "node", ["app.mjs"], APP_NODE], ["app", APP, [], SCRATCH]]) {
    const app = await application(command, args, folder);
    await visit(app, `${which}, pysaml2`, acme, "Acme Corporation");
    await visit(app, `${which}, samlify`, initech, "Initech <Ltd>");
    await refused(app, which);
  }
} catch (error) {
  check("the sign-in gets to its end", error.stack ?? error);
} finally {
  await browser.close();
}
process.exit();
