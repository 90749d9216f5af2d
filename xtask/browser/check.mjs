// The console in a real browser: the way from a set-up link to a connection that is live, every page in
// each role, narrow and wide, light and dark. Each check is a line "ok" or "not ok" on standard output.
//
// The environment says where the server is (DOORWARD_URL), how to run commands on its store (DOORWARD:
// a JSON list), which browser to use (CHROMIUM), and where pictures go (PICTURES).

import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const url = process.env.DOORWARD_URL;
const [program, ...globals] = JSON.parse(process.env.DOORWARD);
const pictures = process.env.PICTURES;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 320, height: 720 };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

let failures = 0;
const check = (name, problem) => {
  const text = problem ? String(problem).replaceAll("\n", " ") : "";
  console.log(problem ? `not ok ${name}: ${text}` : `ok ${name}`);
  if (problem) failures += 1;
};

/** A command on the store of the server, answered by one JSON object. */
const doorward = async (...args) => {
  const { stdout } = await promisify(execFile)(program, [...globals, ...args, "--json"]);
  return JSON.parse(stdout.trim().split("\n").at(-1));
};

/** Okta, as the simulator plays it. */
const okta = (baseUrl, token, protocol) =>
  promisify(execFile)(program, [
    ...globals, "simulate", "okta", "--base-url", baseUrl, "--token", token, "--protocol", protocol,
    "--users", "6", "--groups", "2", "--keep", "--json",
  ]);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});

/** A browser of its own, and what went wrong in it: foreign requests, violations, errors of scripts. */
const open = async (options = {}) => {
  const context = await browser.newContext({ viewport: WIDE, baseURL: url, ...options });
  const wrong = [];
  context.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(url) && !address.startsWith("data:")) wrong.push(`asked ${address}`);
  });
  context.on("console", (message) => {
    // A page that answers 403 or 404 is one that was looked for.
    const isStatus = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isStatus) wrong.push(message.text());
  });
  context.on("weberror", (error) => wrong.push(String(error.error())));
  return { context, page: await context.newPage(), wrong };
};

/** The time-based code of a key in base 32 (RFC 6238). */
const totp = (key) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const tag = createHmac("sha1", Buffer.from(bytes)).update(step).digest();
  const number = tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
};

/** The way of an IT administrator from the link to a connection that is live. */
const path = async (slug, app, protocol, options) => {
  const name = `${app}${options.javaScriptEnabled === false ? ", without script" : ""}`;
  await doorward("organization", "create", "Birchwood", "--slug", slug);
  const link = (await doorward("setup-link", "create", "--organization", slug)).url;
  const visit = await open(options);
  const { page, context, wrong } = visit;
  let clicks = 0;
  const press = async (locator) => {
    clicks += 1;
    await locator.click();
  };
  // A mail scanner opens links; that uses nothing up.
  for (let n = 0; n < 10; n += 1) await context.request.get(link);
  await page.goto(link);
  await press(page.getByRole("button", { name: "Start set-up" }));
  const stranger = await open();
  const second = await stranger.page.goto(link);
  check(`${name}: the link opens in no other browser`, second.status() < 400 && "it does");
  await stranger.context.close();
  if (await page.getByRole("link", { name: "Add integration" }).count()) {
    await press(page.getByRole("link", { name: "Add integration" }).first());
  }
  await press(page.getByRole("button", { name: "Add Okta" }));
  await press(page.getByRole("button", { name: app }));
  await press(page.getByRole("button", { name: "Enable provisioning" }));
  const baseUrl = await page.locator("#url").inputValue();
  const token = await page.locator("#token").inputValue();
  clicks += 2; // both are copied
  const here = page.url();
  await page.goto(here.replace(/\/enable$/, ""));
  check(`${name}: the token is in one answer only`, (await page.content()).includes(token) && "it is there again");
  check(`${name}: the address is one of the version`, !baseUrl.endsWith(protocol === "scim1" ? "/scim/v1" : "/scim/v2") && baseUrl);
  await okta(baseUrl, token, protocol);
  for (const key of ["test", "user", "group"]) {
    const done = page.locator(`#step-${key}[data-state="done"]`);
    // Without script, a person asks again.
    const ticks = options.javaScriptEnabled === false
      ? async () => {
        for (let n = 0; n < 16 && (await done.count()) === 0; n += 1) {
          await page.waitForTimeout(500);
          await page.getByRole("link", { name: "Check again" }).click();
        }
        return (await done.count()) > 0 ? "" : "it does not";
      }
      : () => done.waitFor({ state: "attached", timeout: 8_000 }).then(() => "", () => "it does not");
    check(`${name}: the step "${key}" ticks`, await ticks());
  }
  check(`${name}: what arrived is told`, (await page.locator("#arrived li").count()) < 1 && "nothing");
  await page.locator("#step-administrators summary").click({ trial: true }).catch(() => {});
  const radio = page.locator('#step-administrators input[type="radio"]').first();
  if (!(await radio.isVisible())) await page.locator("#step-administrators summary").click();
  await press(radio);
  await press(page.getByRole("button", { name: "Make administrators" }));
  const live = page.getByRole("button", { name: "Go live" });
  if (!(await live.isVisible())) await page.locator("#step-live summary, ol.steps li:last-child summary").last().click();
  await press(live);
  check(`${name}: it takes at most 12 clicks`, clicks > 12 && `${clicks} clicks`);
  check(`${name}: nothing foreign, no violation, no error`, wrong.length > 0 && wrong.join("; "));
  return { ...visit, connection: here.match(/integrations\/([^/]+)/)[1] };
};

/** The pages of a visitor: what axe says, whether it fits, and a picture of each. */
const pages = async (visit, role, addresses) => {
  for (const address of addresses) {
    for (const [size, viewport] of [["wide", WIDE], ["narrow", NARROW]]) {
      for (const colorScheme of ["light", "dark"]) {
        const { page } = visit;
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const answer = await page.goto(address);
        const name = `${role} ${address.replace(/[0-9a-f-]{36}|[0-9a-f]{32}/g, "{id}")} ${size} ${colorScheme}`;
        if (answer.status() !== 200) {
          check(name, `status ${answer.status()}`);
          continue;
        }
        await page.evaluate(axe);
        const found = await page.evaluate((rules) => globalThis.axe.run({ runOnly: rules }), RULES);
        const said = found.violations.map(({ id, nodes }) => `${id} at ${nodes[0].target} (${nodes.length})`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (overflow > 0) said.push(`${overflow} px too wide`);
        check(name, said.length > 0 && said.join("; "));
        const file = address.replace(/[0-9a-f-]{32,36}/g, "x").replace(/[^a-z]+/g, "-").replace(/^-|-$/g, "");
        await page.screenshot({ path: `${pictures}/${role}-${file}-${size}-${colorScheme}.png`, fullPage: size === "wide" });
      }
    }
  }
  check(`${role}: nothing foreign, no violation, no error`, visit.wrong.length > 0 && visit.wrong.join("; "));
};

/** An administrator who comes in by break-glass. */
const administrator = async (slug, email) => {
  const { url: link } = await doorward("break-glass", "create", "--organization", slug, "--email", email);
  const visit = await open();
  const { page } = visit;
  await page.goto(link);
  const key = await page.locator("dd code").first().textContent();
  const password = "correct horse battery staple";
  await page.getByLabel(/^Password/).fill(password);
  await page.getByLabel(/^Code/).fill(totp(key));
  await page.getByRole("button", { name: "Save" }).click();
  const codes = await page.locator("li code").allTextContents();
  check("break-glass: eight recovery codes are shown", codes.length !== 8 && codes.length);
  await page.goto("/signin/break-glass?return_to=/console/settings");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByLabel(/^Code/).fill(codes[0]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/console/settings");
  return visit;
};

/** The first visible ids of a list. */
const first = async (visit, address, pattern) => {
  await visit.page.goto(address);
  const links = await visit.page.locator("main a").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  return links.find((link) => pattern.test(link ?? ""));
};

await mkdir(pictures, { recursive: true });
try {
  const link = await path("birchwood", "SCIM 2.0 Test App (OAuth Bearer Token)", "scim2", {});
  const about = (page) => `/console/integrations/${link.connection}${page}`;
  await pages(link, "link", ["/setup", about("/setup"), about(""), about("/log"), about("/people"), about("/credentials"), about("/sso"), "/console/guides"].filter((one) => one !== "/setup"));
  await link.context.close();
  const header = await path("larch", "SCIM 1.1 Test App (Header Auth)", "scim1", {});
  await header.context.close();
  const plain = await path("alder", "SCIM 2.0 Test App (OAuth Bearer Token)", "scim2", { javaScriptEnabled: false });
  await plain.context.close();

  const visit = await administrator("birchwood", "ada@birchwood.example");
  const person = await first(visit, "/console/users", /^\/console\/users\/[0-9a-f-]{32,36}$/);
  const group = await first(visit, "/console/groups", /^\/console\/groups\/[0-9a-f-]{32,36}$/);
  const entry = await first(visit, about("/log"), /\/log\/[0-9a-z-]+$/);
  await visit.page.goto("/console/domains");
  await visit.page.getByPlaceholder("example.com").fill("birchwood.example");
  await visit.page.getByRole("button", { name: "Add domain" }).click();
  const record = await visit.page.locator("#name-1").inputValue();
  check("a domain's record is shown", record !== "_doorward.birchwood.example" && record);
  await pages(visit, "superadmin", [
    "/console/settings", "/console/integrations", "/console/integrations/new", about(""), about("/setup"),
    about("/credentials"), about("/log"), entry, about("/people"), about("/sso"), "/console/users",
    "/console/users/new", person, "/console/groups", group, "/console/teams", "/console/roles",
    "/console/domains", "/console/domains/birchwood.example/remove", "/console/audit", "/console/plan", "/console/export", "/console/guides", "/console/me",
  ].filter(Boolean));
  await visit.context.close();

  const nobody = await open();
  await pages(nobody, "stranger", ["/signin", "/signin/break-glass"]);
  await nobody.context.close();
} catch (error) {
  check("the browser gets to the end", error.stack ?? error);
} finally {
  await browser.close();
}
process.exitCode = failures > 0 ? 1 : 0;
