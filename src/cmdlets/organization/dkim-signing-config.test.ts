import assert from "node:assert/strict";
import { test } from "node:test";
import { openRoom } from "./organization-room.fake.ts";

const DOMAIN = { DomainName: "Contoso.test" };
const IDENTITY = { Identity: "contoso.test" };
const STRINGS = /^(\S+)\._domainkey\.contoso\.test\. IN TXT ((?:"[^"]{1,255}"(?: |$))+)$/;

/** Selector and text of each record, its strings put together as DNS readers do. */
function recordsOf(object: Readonly<Record<string, unknown>> | undefined) {
  const records = object?.["DnsRecords"];
  assert.ok(Array.isArray(records));
  return records.map((line) => {
    const [, selector, strings = ""] = STRINGS.exec(String(line)) ?? [];
    return { selector, text: strings.replaceAll(/" "|"/g, "") };
  });
}

test("DKIM: New makes keys of both kinds, switched off, and shows their records only", async () => {
  const { objects, run, organization, audited } = await openRoom("{}");
  const [made] = await objects("New-DkimSigningConfig", DOMAIN);
  assert.deepEqual([made?.["Identity"], made?.["Enabled"]], ["contoso.test", false]);
  const [rsa, ed25519] = recordsOf(made);
  assert.match(rsa?.selector ?? "", /^rsa-\d{8}$/);
  assert.match(rsa?.text ?? "", /^v=DKIM1; k=rsa; p=[A-Za-z\d+/]{392}$/);
  assert.match(ed25519?.selector ?? "", /^ed25519-\d{8}$/);
  assert.match(ed25519?.text ?? "", /^v=DKIM1; k=ed25519; p=[A-Za-z\d+/]{43}=$/);
  assert.deepEqual(await objects("Get-DkimSigningConfig", IDENTITY), [made]);
  const [config] = organization.organization.dkimSigningConfigs;
  assert.match(config?.rsaKey?.privateKey ?? "", /^sealed:/);
  const shown = JSON.stringify([made, audited, await run("Get-DkimSigningConfig")]);
  assert.doesNotMatch(shown, /sealed:|PRIVATE|"MII[A-Za-z\d+/]{400}/);
});

test("DKIM: Set switches it on, Remove takes it away, a second New is refused", async () => {
  const { objects, failure, organization } = await openRoom("{}");
  await objects("New-DkimSigningConfig", DOMAIN);
  await objects("Set-DkimSigningConfig", { ...IDENTITY, Enabled: true });
  const [config] = organization.organization.dkimSigningConfigs;
  assert.deepEqual([config?.enabled, config?.ed25519Key === undefined], [true, false]);
  assert.match((await failure("New-DkimSigningConfig", DOMAIN)).message, /already/);
  await objects("Remove-DkimSigningConfig", IDENTITY);
  assert.deepEqual(organization.organization.dkimSigningConfigs, []);
  assert.match((await failure("Get-DkimSigningConfig", IDENTITY)).message, /has no DKIM/);
});

test("DKIM: Rotate keeps the keys that sign, and shows the next ones besides", async () => {
  const { objects, failure, organization } = await openRoom("{}");
  const [made] = await objects("New-DkimSigningConfig", DOMAIN);
  const [rotated] = await objects("Rotate-DkimSigningConfig", IDENTITY);
  const [before, after] = [recordsOf(made), recordsOf(rotated)];
  assert.deepEqual(after.slice(0, 2), before);
  assert.equal(new Set(after.map(({ selector }) => selector)).size, 4);
  assert.equal(new Set(after.map(({ text }) => text)).size, 4);
  const [config] = organization.organization.dkimSigningConfigs;
  assert.equal(config?.rotateOnDate, rotated?.["RotateOnDate"]);
  const again = await failure("Rotate-DkimSigningConfig", IDENTITY);
  assert.match(again.message, /being rotated already/);
});

test("DKIM: when the date has come, the next keys are the ones that Rotate keeps", async () => {
  const { objects, organization } = await openRoom("{}");
  await objects("New-DkimSigningConfig", DOMAIN);
  const [rotated] = await objects("Rotate-DkimSigningConfig", IDENTITY);
  const past = { ...IDENTITY, RotateOnDate: "1969-01-01T00:00:00Z" };
  await objects("Set-DkimSigningConfig", past);
  const [again] = await objects("Rotate-DkimSigningConfig", IDENTITY);
  assert.deepEqual(recordsOf(again).slice(0, 2), recordsOf(rotated).slice(2));
  assert.equal(organization.organization.dkimSigningConfigs.length, 1);
});

test("DKIM: keys that do not belong together are refused", async () => {
  const { objects, failure } = await openRoom("{}");
  await objects("New-DkimSigningConfig", DOMAIN);
  const date = { ...IDENTITY, RotateOnDate: "2030-01-01T00:00:00Z" };
  assert.match((await failure("Set-DkimSigningConfig", date)).message, /belongs with/);
  const none = { ...IDENTITY, Enabled: true, RsaKey: null, Ed25519Key: null };
  assert.match((await failure("Set-DkimSigningConfig", none)).message, /there is no key/);
});
