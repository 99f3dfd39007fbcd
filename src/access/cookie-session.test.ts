import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { MINUTE } from "../base/units.ts";
import { openSampleAccess, sampleAdministrator } from "./access.fake.ts";
import { identify } from "./identification.ts";
import { findForeignOrigin } from "./request-origin.ts";
import {
  csrfTokenOf,
  formatSessionCookie,
  isSameSecret,
  NO_SESSION_COOKIE,
  readSessionCookie,
} from "./session-cookie.ts";
import { SESSION_IDLE_MS } from "./sessions.ts";

const OWN = { host: "mail.contoso.test:8443", origin: "https://mail.contoso.test:8443" };
const TOKEN = `ps_${"x".repeat(43)}`;

async function logIn() {
  const access = await openSampleAccess();
  await access.administrators.rows.change("alice", () => sampleAdministrator());
  const request = {
    name: "alice",
    password: "open sesame please",
    code: "",
    address: "",
    browser: "",
  };
  const done = await access.login.logIn(request);
  assert.ok(done.ok);
  const { token } = done.value;
  const [cookie = ""] = formatSessionCookie(token).split(";");
  const ask = (method: string, headers: IncomingHttpHeaders = {}) =>
    identify(access, {
      method,
      headers: { host: OWN.host, cookie, ...headers },
      address: "192.0.2.7",
      cookies: "taken",
    });
  return { ...access, token, cookie, ask };
}

test("a cookie is for this host alone, and no script reads it", () => {
  assert.equal(
    formatSessionCookie(TOKEN),
    `__Host-postrider=${TOKEN}; Path=/; Secure; HttpOnly; SameSite=Strict`,
  );
  assert.match(NO_SESSION_COOKIE, /^__Host-postrider=; Path=\/; Secure; .*; Max-Age=0$/);
});

for (const [why, header, token] of [
  ["alone", `__Host-postrider=${TOKEN}`, TOKEN],
  ["between others", `a=b; __Host-postrider=${TOKEN};c=d`, TOKEN],
  ["none", undefined, undefined],
  ["another", `postrider=${TOKEN}`, undefined],
  ["in another case", `__host-postrider=${TOKEN}`, undefined],
  ["twice", `__Host-postrider=${TOKEN}; __Host-postrider=${TOKEN}`, undefined],
  ["of an API token", `__Host-postrider=pt_${"x".repeat(43)}`, undefined],
  ["cleared", "__Host-postrider=", undefined],
  ["with more behind it", `__Host-postrider=${TOKEN}=x`, undefined],
  ["in quotes", `__Host-postrider="${TOKEN}"`, undefined],
  ["behind very many others", `${"a=b; ".repeat(2000)}__Host-postrider=${TOKEN}`, undefined],
] as const) {
  test(`cookie ${why}`, () => assert.equal(readSessionCookie(header), token));
}

test("secrets are the same only when all of them is", () => {
  const csrf = csrfTokenOf(TOKEN);
  assert.match(csrf, /^[\w-]{43}$/);
  assert.ok(isSameSecret(csrf, csrfTokenOf(TOKEN)));
  for (const other of ["", csrf.slice(1), `${csrf}x`, csrf.toLowerCase(), csrfTokenOf("other")]) {
    assert.equal(isSameSecret(other, csrf), false);
  }
});

for (const [why, method, headers, isForeign] of [
  ["a program says nothing", "POST", {}, false],
  ["a page of ours", "POST", { ...OWN, "sec-fetch-site": "same-origin" }, false],
  ["a page of ours, in another case", "POST", { ...OWN, host: "MAIL.contoso.test:8443" }, false],
  ["a browser that knows no Sec-Fetch-Site", "POST", OWN, false],
  ["an address typed in", "GET", { host: OWN.host, "sec-fetch-site": "none" }, false],
  ["a form out of nowhere", "POST", { ...OWN, "sec-fetch-site": "none" }, true],
  ["another site", "GET", { host: OWN.host, "sec-fetch-site": "cross-site" }, true],
  ["a neighbour in the domain", "GET", { host: OWN.host, "sec-fetch-site": "same-site" }, true],
  ["what no browser says", "GET", { host: OWN.host, "sec-fetch-site": "" }, true],
  ["another port", "POST", { ...OWN, origin: "https://mail.contoso.test" }, true],
  ["without TLS", "POST", { ...OWN, origin: "http://mail.contoso.test:8443" }, true],
  ["a page that hides", "POST", { ...OWN, origin: "null" }, true],
  ["our name within another", "POST", { ...OWN, origin: `${OWN.origin}.evil.test` }, true],
  ["an empty origin", "POST", { ...OWN, origin: "" }, true],
  ["no host", "POST", { origin: "https://" }, false],
] as const) {
  test(`origin: ${why}`, () => {
    assert.equal(findForeignOrigin({ method, headers }) !== undefined, isForeign);
  });
}

test("reading needs the cookie, and gives the page its token again", async () => {
  const { ask, token } = await logIn();
  for (const method of ["GET", "HEAD"]) {
    const identified = ask(method);
    assert.ok(identified.kind === "known");
    assert.equal(identified.caller.name, "alice");
    assert.equal(identified.caller.via, "session");
    assert.equal(identified.session?.csrfToken, csrfTokenOf(token));
  }
});

for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]) {
  test(`${method} with a cookie needs the token, from a page of ours`, async () => {
    const { ask, token } = await logIn();
    const csrf = { "x-csrf-token": csrfTokenOf(token) };
    assert.equal(ask(method).kind, "refused");
    assert.equal(ask(method, { "x-csrf-token": "" }).kind, "refused");
    assert.equal(ask(method, { "x-csrf-token": csrfTokenOf("another") }).kind, "refused");
    assert.equal(ask(method, { "x-csrf-token": token }).kind, "refused");
    assert.equal(ask(method, csrf).kind, "known");
    assert.equal(ask(method, { ...csrf, origin: OWN.origin }).kind, "known");
    assert.equal(ask(method, { ...csrf, origin: "https://evil.test" }).kind, "refused");
    assert.equal(ask(method, { ...csrf, "sec-fetch-site": "same-site" }).kind, "refused");
  });
}

test("another site reads nothing with the cookie", async () => {
  const { ask } = await logIn();
  assert.equal(ask("GET", { "sec-fetch-site": "cross-site" }).kind, "refused");
});

test("the Authorization header goes before the cookie, even when it is nobody's", async () => {
  const { ask, token } = await logIn();
  assert.equal(ask("GET", { authorization: `Bearer ${TOKEN}` }).kind, "stranger");
  const byHeader = ask("POST", { authorization: `Bearer ${token}`, cookie: "x=y" });
  assert.ok(byHeader.kind === "known");
  assert.equal(byHeader.session?.csrfToken, undefined);
});

test("over the Unix socket a cookie is nobody's", async () => {
  const access = await logIn();
  const headers = { cookie: access.cookie };
  const presented = { method: "GET", headers, address: "", cookies: "ignored" } as const;
  assert.equal(identify(access, presented).kind, "stranger");
});

test("a page that only keeps itself up to date does not keep the session open", async () => {
  for (const headers of [{ "x-background": "1" }, { accept: "text/event-stream" }]) {
    const { ask, clock } = await logIn();
    for (let spent = 0; spent < SESSION_IDLE_MS; spent += MINUTE) {
      assert.equal(ask("GET", headers).kind, "known");
      clock.advance(MINUTE);
    }
    assert.equal(ask("GET", headers).kind, "stranger");
    assert.equal(ask("GET").kind, "stranger");
  }
});

test("a cookie whose session is over is nobody's, not refused", async () => {
  const { ask, sessions } = await logIn();
  sessions.end(() => true);
  assert.equal(ask("GET").kind, "stranger");
  assert.equal(ask("POST").kind, "stranger");
});
