import assert from "node:assert/strict";
import { test } from "node:test";
import { openSampleAccess, sampleAdministrator } from "./access.fake.ts";
import { SETUP_LINK_LIFETIME_MS, SetupLink } from "./setup-link.ts";

async function setUp() {
  const access = await openSampleAccess();
  const link = new SetupLink(access);
  return { ...access, link, token: link.renew() ?? assert.fail() };
}

test("a link is good once", async () => {
  const { link, token } = await setUp();
  assert.match(token, /^pf_[\w-]{43}$/);
  assert.ok(link.take(token));
  assert.equal(link.take(token), undefined);
});

test("who could not use it gives it back", async () => {
  const { link, token } = await setUp();
  const taken = link.take(token);
  assert.equal(link.take(token), undefined, "not while somebody has it");
  taken?.giveBack();
  assert.ok(link.take(token));
});

test("a new link ends the one of before, also when that is given back", async () => {
  const { link, token } = await setUp();
  const taken = link.take(token);
  const renewed = link.renew() ?? assert.fail();
  taken?.giveBack();
  assert.equal(link.take(token), undefined);
  assert.ok(link.take(renewed));
});

for (const token of ["", "pf_", `pf_${"x".repeat(43)}`, "x".repeat(100_000)]) {
  test(`${token.slice(0, 10)} (${token.length}) is no link's token, and ends none`, async () => {
    const { link, token: right } = await setUp();
    assert.equal(link.take(token), undefined);
    assert.ok(link.take(right));
  });
}

test("without a link no token is right", async () => {
  const access = await openSampleAccess();
  assert.equal(new SetupLink(access).take(""), undefined);
});

test("a link is good for a day", async () => {
  const { link, token, clock } = await setUp();
  clock.advance(SETUP_LINK_LIFETIME_MS);
  assert.equal(link.take(token), undefined);
});

test("with an administrator there is no link, and those of before are worth nothing", async () => {
  const { link, token, administrators } = await setUp();
  assert.ok(link.isNeeded());
  await administrators.rows.change("alice", () => sampleAdministrator({ isEnabled: false }));
  assert.equal(link.isNeeded(), false);
  assert.equal(link.take(token), undefined);
  assert.equal(link.renew(), undefined);
});

test("an administrator who has come and gone leaves no link behind", async () => {
  const { link, token, administrators } = await setUp();
  await administrators.rows.change("alice", () => sampleAdministrator());
  await administrators.rows.change("alice", () => undefined);
  assert.ok(link.isNeeded());
  assert.equal(link.take(token), undefined);
});
