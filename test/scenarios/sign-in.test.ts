import assert from "node:assert/strict";
import { test } from "node:test";
import { TOTP } from "otpauth";
import { FakeAuthenticator } from "../../src/access/authenticator.fake.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
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

/** A server that has no administrator, and the token of the link that it has printed. */
async function startNew(t: Scope) {
  const adminPort = await freePort();
  const configuration = contoso({ smtpPort: await freePort(), adminPort });
  const server = await startServer(t, { configuration });
  const https = await openHttps(server, { port: adminPort, name: "mail.contoso.test" });
  const found = await eventually(
    { what: "the link" },
    () => /^https:\/\/localhost:(\d+)\/admin\/setup#(pf_[\w-]+)$/m.exec(server.output) ?? undefined,
  );
  assert.equal(found[1], String(adminPort));
  return { server, https, token: found[2] ?? "" };
}

test("the link that the server prints makes the first administrator, once", async (t) => {
  const { server, https, token } = await startNew(t);
  const page = new PageClient(https);
  const ways = { password: true, organization: null };
  assert.deepEqual((await page.ask("GET /api/v1/sign-in")).body, { setup: true, ...ways });
  const body = { token, name: "alice", password: PASSWORD, cookie: true };
  const setUp = (change: object, headers = {}) =>
    page.ask("POST /api/v1/setup", { body: { ...body, ...change }, headers });
  assert.equal((await setUp({ token: `pf_${"x".repeat(43)}` })).status, 403);
  assert.equal((await setUp({}, { "sec-fetch-site": "cross-site" })).status, 403);
  const short = await setUp({ password: "short" });
  assert.equal(short.status, 400);
  assert.match(JSON.stringify(short.body), /"parameter":"Password"/);
  assert.equal((await setUp({ name: "root" })).status, 400);
  assert.equal((await setUp({})).status, 200, "what was wrong before has not used it up");
  const who = await page.ask(WHO);
  assert.match(JSON.stringify(who.body), /"roleGroups":\["Organization Management"\]/);
  assert.deepEqual((await page.ask("GET /api/v1/sign-in")).body, { setup: false, ...ways });
  assert.equal((await setUp({ name: "mallory" })).status, 403);
  const audit = await runCmdlet(server, "Search-AdminAuditLog");
  assert.deepEqual(
    audit.map((one) => [one["CmdletName"], one["Caller"], one["ObjectModified"]]),
    [
      ["Sign-In", "alice", "alice"],
      ["New-Administrator", "set-up link", "Administrator alice"],
    ],
  );
  const outside = JSON.stringify(audit) + server.output.replaceAll(/^https:.*$/gm, "");
  assert.doesNotMatch(outside, new RegExp(`${token}|${PASSWORD}`));
});

test("once there is an administrator, a start prints no link", async (t) => {
  const { server } = await start(t);
  await server.terminate();
  const before = server.output.length;
  await server.start();
  assert.doesNotMatch(server.output.slice(before), /admin\/setup/);
});

test("an administrator looks after his own account", async (t) => {
  const { server, https, logIn } = await start(t);
  const [page, other] = [new PageClient(https), new PageClient(https)];
  await logIn(page);
  await logIn(other);
  const act = async (path: string, body: object, status = 200) => {
    const answer = await page.ask(`POST /api/v1/account/${path}`, { body });
    assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`);
    return Object(answer.body);
  };
  const show = async () => Object((await page.ask("GET /api/v1/account")).body);
  const { sessions } = await show();
  assert.equal(sessions.length, 2);
  const [elsewhere] = sessions.filter((one: { isThis: boolean }) => !one.isThis);
  assert.deepEqual([elsewhere.way, elsewhere.address], ["Password", "127.0.0.1"]);
  await act("sessions/end", { id: elsewhere.id });
  assert.equal((await other.ask(WHO)).status, 401);
  await act("sessions/end", { id: elsewhere.id }, 404);
  const current = PASSWORD;
  await act("totp", { current: "wrong" }, 403);
  const { secret } = await act("totp", { current });
  await act("totp/confirm", { code: "000000" }, 400);
  await logIn(other);
  const { cookie } = page;
  const { recoveryCodes } = await act("totp/confirm", { code: new TOTP({ secret }).generate() });
  assert.notEqual(page.cookie, cookie, "a new session in the place of all others");
  assert.equal((await other.ask(WHO)).status, 401);
  assert.equal(recoveryCodes.length, 10);
  const byCode = { name: "alice", password: PASSWORD, totp: recoveryCodes[0] };
  assert.equal((await https("POST /api/v1/login", { body: byCode })).status, 200);
  assert.equal((await https("POST /api/v1/login", { body: byCode })).status, 401);
  const { totp, recoveryCodesLeft } = await show();
  assert.deepEqual([totp, recoveryCodesLeft], [true, 9]);
  assert.equal((await act("recovery-codes", { current })).recoveryCodes.length, 10);
  await act("totp/remove", { current });
  await act("password", { current: "wrong", password: "another long sentence" }, 403);
  await act("password", { current, password: "short" }, 400);
  await act("password", { current, password: "another long sentence" });
  assert.equal((await show()).sessions.length, 1);
  await act("sessions/end-others", {});
  const socket = await openSocket(server)("GET /api/v1/account");
  assert.equal(socket.status, 403, "root has no account");
  const [audited] = await runCmdlet(server, "Search-AdminAuditLog", { Cmdlets: ["Set-*"] });
  assert.deepEqual(
    [audited?.["Caller"], audited?.["ObjectModified"]],
    ["alice", "Administrator alice"],
  );
});

test("an administrator adds a passkey and signs in with it alone", async (t) => {
  const { server, https, logIn } = await start(t);
  const [page, other] = [new PageClient(https), new PageClient(https)];
  await logIn(page);
  const host = "mail.contoso.test:8443";
  const ask = (who: PageClient, path: string, body: object) =>
    who.ask(`POST /api/v1/${path}`, { body, headers: { host } });
  assert.equal((await ask(page, "account/passkeys/options", { current: "x" })).status, 403);
  const body = { current: PASSWORD };
  const byAddress = await page.ask("POST /api/v1/account/passkeys/options", { body });
  assert.match(JSON.stringify(byAddress), /open this page as https:\/\/mail\.contoso\.test/);
  const authenticator = new FakeAuthenticator(`https://${host}`);
  const options = await ask(page, "account/passkeys/options", body);
  const made = { name: "Key ring", response: authenticator.create(options.body) };
  const added = await ask(page, "account/passkeys", made);
  assert.equal(added.status, 200, JSON.stringify(added.body));
  assert.equal((await ask(page, "account/passkeys", made)).status, 400, "once");
  const signIn = async () => {
    const asked = await ask(other, "passkey/options", {});
    const response = authenticator.get(asked.body);
    return { response, answer: await ask(other, "passkey", { response, cookie: true }) };
  };
  const { response, answer } = await signIn();
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.match(JSON.stringify((await other.ask(WHO)).body), /"name":"alice"/);
  assert.equal((await ask(other, "passkey", { response, cookie: true })).status, 401, "once");
  const [latest] = await runCmdlet(server, "Get-AdministratorSession", { Administrator: "alice" });
  assert.ok(latest);
  const { id } = Object(added.body);
  assert.equal((await ask(page, "account/passkeys/rename", { id, name: "Old" })).status, 200);
  assert.equal((await ask(page, "account/passkeys/remove", { id })).status, 200);
  assert.equal((await ask(page, "account/passkeys/remove", { id })).status, 404);
  assert.equal((await other.ask(WHO)).status, 401, "what came in by it is out");
  assert.equal((await page.ask(WHO)).status, 200, "who came in by password is not");
  assert.equal((await signIn()).answer.status, 401);
  const audit = await runCmdlet(server, "Search-AdminAuditLog", { Cmdlets: ["*Passkey"] });
  assert.deepEqual(
    audit.map((one) => one["CmdletName"]),
    ["Remove-AdministratorPasskey", "Set-AdministratorPasskey", "New-AdministratorPasskey"],
  );
});

test("one's own account is no way to anybody else's", async (t) => {
  const { server, https, logIn } = await start(t);
  const alice = new PageClient(https);
  await logIn(alice);
  const helen = { Name: "helen", Password: PASSWORD, RoleGroups: ["Help Desk"] };
  await runCmdlet(server, "New-Administrator", helen);
  const page = new PageClient(https);
  const body = { name: "helen", password: PASSWORD, cookie: true };
  assert.equal((await page.ask("POST /api/v1/login", { body })).status, 200);
  const [session] = await runCmdlet(server, "Get-AdministratorSession", { Administrator: "alice" });
  const id = session?.["Identity"];
  const act = async (path: string, fields: object) => {
    const answer = await page.ask(`POST /api/v1/account/${path}`, { body: fields });
    return answer.status;
  };
  assert.equal(await act("sessions/end", { id }), 404);
  assert.equal(await act("passkeys/remove", { id: "any" }), 404);
  const password = "another long sentence";
  for (const more of [{ Identity: "alice" }, { name: "alice" }, { RoleGroups: ["x"] }]) {
    assert.equal(await act("password", { current: PASSWORD, password, ...more }), 400);
  }
  assert.equal(await act("password", { current: [PASSWORD], password }), 400);
  assert.equal(await act("password", { current: PASSWORD }), 400);
  assert.equal(await act("totp/confirm", { code: "123456" }), 409);
  const parameters = { Identity: "helen", RoleGroups: ["Organization Management"] };
  const run = await page.ask(RUN, { body: { cmdlet: "Set-Administrator", parameters } });
  assert.match(JSON.stringify(run.body), /"code":"forbidden"/);
  assert.equal(await act("password", { current: PASSWORD, password }), 200);
  const [shown] = await runCmdlet(server, "Get-Administrator", { Identity: "helen" });
  assert.deepEqual(shown?.["RoleGroups"], ["Help Desk"]);
  assert.equal((await alice.ask(WHO)).status, 200, "alice goes on");
  const guesses = { current: "x".repeat(20), password };
  for (let count = 0; count < 20; count += 1) await act("password", guesses);
  assert.equal(await act("password", guesses), 429, "guesses at it count as at the door");
});
