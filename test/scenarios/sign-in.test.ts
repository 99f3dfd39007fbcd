import assert from "node:assert/strict";
import { test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { PageClient } from "../harness/page-client.ts";
import { openHttps, openSocket } from "../harness/rest-client.ts";
import type { Scope } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";

const PASSWORD = "correct horse battery";
const RUN = "POST /api/v1/run";
const WHO = "GET /api/v1/session";

async function start(t: Scope) {
  const adminPort = await freePort();
  const configuration = contoso({ smtpPort: await freePort(), adminPort });
  const server = await startServer(t, { configuration });
  const https = await openHttps(server, { port: adminPort, name: "mail.contoso.test" });
  const alice = { Name: "alice", Password: PASSWORD, RoleGroups: ["Organization Management"] };
  await runCmdlet(server, "New-Administrator", alice);
  const logIn = async (page: PageClient) => {
    const body = { name: "alice", password: PASSWORD, cookie: true };
    const answer = await page.ask("POST /api/v1/login", { body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer;
  };
  return { server, https, logIn };
}

test("a page logs in by cookie, and nobody else acts with it", async (t) => {
  const { https, logIn, server } = await start(t);
  const page = new PageClient(https);
  const { body, headers } = await logIn(page);
  assert.equal(JSON.stringify(body).includes("ps_"), false, "no script gets at the token");
  assert.match(headers["set-cookie"]?.[0] ?? "", /; Secure; HttpOnly; SameSite=Strict$/);
  const run = { body: { cmdlet: "Get-RoleGroup" } };
  assert.equal((await page.ask(RUN, run)).status, 200);
  // A form of another site: the cookie comes along, the token doesn't.
  const { cookie, csrfToken } = page;
  assert.equal((await https(RUN, { ...run, headers: { cookie } })).status, 403);
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { origin: "https://evil.test" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "x-csrf-token": "x".repeat(csrfToken.length) },
  ];
  for (const shown of foreign) {
    const refused = await page.ask(RUN, { ...run, headers: shown });
    assert.equal(refused.status, 403, JSON.stringify(shown));
  }
  const whoElsewhere = await page.ask(WHO, { headers: { "sec-fetch-site": "cross-site" } });
  assert.equal(whoElsewhere.status, 403);
  // A page that is loaded anew has only the cookie.
  page.csrfToken = "";
  const who = await page.ask(WHO);
  assert.ok(typeof who.body === "object" && who.body !== null && "name" in who.body);
  assert.equal(who.body.name, "alice");
  assert.equal(page.csrfToken, csrfToken);
  const socket = openSocket(server);
  const root = await socket(WHO, { headers: { cookie } });
  assert.match(JSON.stringify(root.body), /"via":"socket"/, "no cookies there");
  assert.equal((await page.ask("POST /api/v1/logout")).status, 200);
  assert.equal(page.cookie, "");
  assert.equal((await https(WHO, { headers: { cookie } })).status, 401);
});

test("a login begins a session of its own, whatever cookie came with it", async (t) => {
  const { https, logIn } = await start(t);
  const [planted, page] = [new PageClient(https), new PageClient(https)];
  await logIn(planted);
  page.cookie = planted.cookie;
  await logIn(page);
  assert.notEqual(page.cookie, planted.cookie);
  assert.equal((await planted.ask(WHO)).status, 401);
  assert.equal((await page.ask(WHO)).status, 200);
  page.cookie = `__Host-postrider=ps_${"x".repeat(43)}`;
  await logIn(page);
  assert.doesNotMatch(page.cookie, /xxx/, "nor does one that nobody has made become one");
});
