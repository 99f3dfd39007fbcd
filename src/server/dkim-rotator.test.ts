import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { createSecretBox } from "../base/secret-box.ts";
import { DAY } from "../base/units.ts";
import { fakeResolver, type Zone } from "../dns/zone.fake.ts";
import { signingKeysAt } from "../org/dkim-keys.ts";
import { makeDkimKeys } from "../org/dkim-new-keys.ts";
import { StoredOrganization } from "../org/stored-organization.ts";
import { MemoryOrganizationStore } from "../store/organization-memory.ts";
import { DkimRotator } from "./dkim-rotator.ts";

const START_MS = Date.UTC(2026, 0, 1);

async function openBench(options: { readonly file?: string } = {}) {
  const clock = fakeClock();
  clock.advance(START_MS - clock.nowMs());
  const editor = new StoredOrganization({
    store: new MemoryOrganizationStore(),
    secrets: createSecretBox(Buffer.alloc(32)),
    machine: { hostName: "mail.contoso.test", cores: 2 },
    file: options.file,
  });
  const keys = await makeDkimKeys({ nowMs: START_MS, taken: [], rsaBits: 2048 });
  const yaml = JSON.stringify({
    acceptedDomains: [{ name: "contoso.test" }],
    dkimSigningConfigs: [
      {
        ...{ name: "contoso.test", enabled: true, rotationInterval: "90.00:00:00" },
        ...{ rsaKey: keys.rsa, ed25519Key: keys.ed25519 },
      },
    ],
  });
  const parsed = await editor.parse(yaml, "f.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  if (options.file === undefined) await editor.apply(parsed.value, { mode: "store" });
  else await editor.useFile(parsed.value);
  assert.ok((await editor.open()).ok);
  const zone: Zone = {};
  const told: string[] = [];
  const tell = (event: string, fields: object = {}) =>
    void told.push(`${event} ${String(Reflect.get(fields, "step") ?? "")}`.trim());
  const rotator = new DkimRotator({
    editor,
    clock,
    diagnostics: { ...silentDiagnostics, info: tell, warn: tell },
    openResolver: () => fakeResolver(zone, clock),
  });
  const config = () => {
    const [found] = editor.organization.dkimSigningConfigs;
    assert.ok(found !== undefined);
    return found;
  };
  /** Puts what the next keys need into DNS. */
  const publish = () => {
    const { nextRsaKey, nextEd25519Key, name } = config();
    for (const [kind, key] of [
      ["rsa", nextRsaKey],
      ["ed25519", nextEd25519Key],
    ] as const) {
      assert.ok(key !== undefined);
      const text = editor.dkimRecord(kind, key.privateKey);
      zone[`${key.selector}._domainkey.${name}`] = { TXT: [text ?? ""] };
    }
  };
  const signsWith = () => signingKeysAt(config(), clock.nowMs()).rsaKey?.selector;
  /** One look a day. */
  const live = async (looks: number, everyMs = DAY) => {
    for (let look = 0; look < looks; look += 1) {
      clock.advance(everyMs);
      await rotator.work();
    }
  };
  return { zone, told, config, publish, signsWith, live };
}

test("keys are announced when they are old, and take over a day after DNS has them", async () => {
  const { told, config, publish, signsWith, live } = await openBench();
  await live(89);
  assert.equal(config().nextRsaKey, undefined);
  await live(1);
  assert.equal(config().nextRsaKey?.selector, "rsa-20260401");
  assert.equal(signsWith(), "rsa-20260101");
  publish();
  await live(2);
  assert.equal(signsWith(), "rsa-20260401");
  await live(8);
  assert.deepEqual(
    [config().rsaKey?.selector, config().nextRsaKey, config().rotateOnDate],
    ["rsa-20260401", undefined, undefined],
  );
  assert.equal(signsWith(), "rsa-20260401");
  assert.deepEqual(told, [
    "dkim-rotation announce",
    "dkim-rotation schedule",
    "dkim-rotation retire",
  ]);
});

test("a key whose record never comes never signs; one that goes again is put off", async () => {
  const { zone, told, publish, signsWith, live } = await openBench();
  await live(90 + 200);
  assert.equal(signsWith(), "rsa-20260101");
  assert.ok(told.filter((one) => one === "dkim-rotation postpone").length >= 5);
  publish();
  await live(1);
  assert.equal(told.at(-1), "dkim-rotation schedule");
  for (const name of Object.keys(zone)) delete zone[name];
  await live(8, DAY / 4);
  assert.equal(signsWith(), "rsa-20260101");
  assert.equal(told.at(-1), "dkim-rotation postpone");
});

test("what a file declares is not changed; it is told", async () => {
  const { told, config, live } = await openBench({ file: "f.yaml" });
  await live(91);
  assert.equal(config().nextRsaKey, undefined);
  assert.ok(told.includes("dkim-rotation-failed"));
});
