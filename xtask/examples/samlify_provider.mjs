// An identity provider that others wrote: samlify, with an answer of Okta's shape.
//
//     node samlify_provider.mjs FOLDER PORT SP_METADATA...
//
// Its pages and its signatures are those of pysaml2_provider.py.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import saml from "samlify";

const [folder, port, ...spMetadata] = process.argv.slice(2);
const here = `http://127.0.0.1:${port}`;
const key = join(folder, "key.pem");
const certificate = join(folder, "certificate.pem");
execFileSync("openssl", [
  "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=samlify", "-keyout", key, "-out", certificate,
], { stdio: "ignore" });

// samlify wants someone to judge the schema of what it reads; what it reads here are our own requests.
saml.setSchemaValidator({ validate: async () => "not judged" });

/** What Okta sends: its prefixes, typed values, five minutes each way. */
const template = `<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" Destination="{Destination}" ID="{ID}"
 InResponseTo="{InResponseTo}" IssueInstant="{Now}" Version="2.0"><saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"
 Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">{Issuer}</saml2:Issuer><saml2p:Status><saml2p:StatusCode
 Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status><saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"
 ID="{AssertionID}" IssueInstant="{Now}" Version="2.0"><saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
 >{Issuer}</saml2:Issuer><saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">{NameID}</saml2:NameID
><saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="{InResponseTo}"
 NotOnOrAfter="{After}" Recipient="{Destination}"/></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="{Before}"
 NotOnOrAfter="{After}"><saml2:AudienceRestriction><saml2:Audience>{Audience}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions
><saml2:AuthnStatement AuthnInstant="{Now}" SessionIndex="{InResponseTo}"><saml2:AuthnContext><saml2:AuthnContextClassRef
>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement
><saml2:AttributeStatement><saml2:Attribute Name="email" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
><saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string"
>{NameID}</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement></saml2:Assertion></saml2p:Response>`;

const provider = (way) =>
  saml.IdentityProvider({
    entityID: `${here}/${way}`,
    privateKey: readFileSync(key),
    signingCert: readFileSync(certificate),
    // It only lets people in; without an address for signing out samlify complains.
    singleLogoutService: [{ Binding: saml.Constants.namespace.binding.redirect, Location: `${here}/slo` }],
    singleSignOnService: [{ Binding: saml.Constants.namespace.binding.redirect, Location: `${here}/sso/${way}` }],
    requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  });
const providers = { both: provider("both"), assertion: provider("assertion") };
const metadata = await Promise.all(spMetadata.map(async (url) => (await fetch(url)).text()));
const services = (way) => metadata.map((text) => saml.ServiceProvider({ metadata: text, wantMessageSigned: way === "both" }));

/** Where the answer to a request goes to, and the answer, signed and in base64. */
const answer = async (way, request, name) => {
  const { issuer } = (await providers[way].parseLoginRequest(services(way)[0], "redirect", { query: { SAMLRequest: request } })).extract;
  const service = services(way).find((one) => one.entityMeta.getEntityID() === issuer);
  const asked = await providers[way].parseLoginRequest(service, "redirect", { query: { SAMLRequest: request } });
  const destination = service.entityMeta.getAssertionConsumerService("post");
  const at = (minutes) => new Date(Date.now() + minutes * 60_000).toISOString();
  const values = {
    Destination: destination, Recipient: destination, Audience: issuer, Issuer: providers[way].entityMeta.getEntityID(),
    ID: `id${crypto.randomUUID()}`, AssertionID: `id${crypto.randomUUID()}`, InResponseTo: asked.extract.request.id,
    NameID: name, Now: at(0), Before: at(-5), After: at(5),
  };
  const customTagReplacement = () => ({ context: saml.SamlLib.replaceTagsByValue(template, values) });
  const { context } = await providers[way].createLoginResponse(service, asked, "post", { email: name }, { customTagReplacement });
  return { destination, context };
};

const escape = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
const hidden = (name, value) => `<input type="hidden" name="${name}" value="${escape(value ?? "")}">`;

createServer(async (request, response) => {
  const url = new URL(request.url, here);
  const [, page, way] = url.pathname.split("/");
  const send = (text, kind = "text/html; charset=utf-8") => response.writeHead(200, { "content-type": kind }).end(text);
  if (page === "metadata") return send(providers[way].getMetadata(), "application/samlmetadata+xml");
  if (request.method === "GET") {
    const fields = ["SAMLRequest", "RelayState"].map((name) => hidden(name, url.searchParams.get(name))).join("");
    return send(`<form method="post">${fields}<label>Username <input name="name"></label><button>Sign in</button></form>`);
  }
  let body = "";
  for await (const chunk of request) body += chunk;
  const said = new URLSearchParams(body);
  const { destination, context } = await answer(way, said.get("SAMLRequest"), said.get("name"));
  const fields = hidden("SAMLResponse", context) + hidden("RelayState", said.get("RelayState"));
  return send(`<form method="post" action="${destination}">${fields}</form><script>document.forms[0].submit()</script>`);
}).listen(Number(port), "127.0.0.1", () => console.log(`samlify at ${here}`));
