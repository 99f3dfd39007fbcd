import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { HOUR } from "../../base/units.ts";
import { formatPrivateKey } from "../../dkim/private-key.ts";
import { parseDomain } from "../../mail/address.ts";
import type { DkimSigningConfig } from "../../org/dkim-keys.ts";
import type { Origin } from "../../store/queue-store.ts";
import { makeDelivery } from "./lane.fake.ts";
import { createOutgoingSigner } from "./outgoing-signer.ts";

const KEY = formatPrivateKey(generateKeyPairSync("ed25519").privateKey);
const CONTENT = [Buffer.from("From: a@contoso.test\r\n\r\nx\r\n")];

function config(changes: Partial<DkimSigningConfig> = {}): DkimSigningConfig {
  const name = parseDomain("contoso.test");
  assert.ok(name !== undefined);
  const ed25519Key = { selector: "s1", privateKey: `box ${KEY}` };
  const next = { rotateOnDate: undefined, nextRsaKey: undefined, nextEd25519Key: undefined };
  return {
    name,
    rotationIntervalMs: 0,
    enabled: true,
    rsaKey: undefined,
    ed25519Key,
    ...next,
    ...changes,
  };
}

function open(first: readonly DkimSigningConfig[], clock = fakeClock()) {
  let dkimSigningConfigs = first;
  const told: unknown[] = [];
  let openedCount = 0;
  const signer = createOutgoingSigner({
    organization: () => ({ dkimSigningConfigs }),
    openSecret(sealed) {
      openedCount += 1;
      return sealed.startsWith("box ") ? sealed.slice(4) : undefined;
    },
    clock,
    diagnostics: {
      info: () => undefined,
      warn: () => undefined,
      error: (event, fields) => void told.push({ event, ...fields }),
    },
  });
  const sign = async (origin: Partial<Origin> = { authAs: "Internal" }): Promise<string> => {
    const { message } = makeDelivery(1);
    const found = signer({ origin: { ...message.origin, ...origin } });
    return found === undefined ? "unsigned" : (await found(CONTENT)).kind;
  };
  const signedBy = async (): Promise<string> => {
    const origin: Origin = { ...makeDelivery(1).message.origin, authAs: "Internal" };
    const signing = await signer({ origin })?.(CONTENT);
    return (signing?.kind === "signed" && / s=(\w+);/.exec(signing.text)?.[1]) || "nobody";
  };
  return {
    sign,
    signedBy,
    told,
    openedCount: () => openedCount,
    reload(next: readonly DkimSigningConfig[]) {
      dkimSigningConfigs = next;
    },
  };
}

for (const [why, origin, want] of [
  ["a stranger", {}, "unsigned"],
  ["a partner", { authAs: "Partner" }, "unsigned"],
  ["another organization", { authAs: "External" }, "unsigned"],
  ["our own", { authAs: "Internal" }, "signed"],
  ["a user", { account: "alice@contoso.test" }, "signed"],
  ["a device that may relay", { mayRelay: true }, "signed"],
  ["a notice of ours", { source: "DSN" }, "signed"],
  ["a report of ours", { source: "ADMIN" }, "signed"],
  ["a file in the replay directory", { source: "REPLAY" }, "unsigned"],
] as const) {
  test(`outgoing signer: ${why}: ${want}`, async () => {
    assert.equal(await open([config()]).sign(origin), want);
  });
}

test("outgoing signer: without an enabled configuration nothing is looked at", async () => {
  const { sign, openedCount } = open([config({ enabled: false })]);
  assert.equal(await sign(), "unsigned");
  assert.equal(openedCount(), 0);
});

test("outgoing signer: on its date, the next key takes over", async () => {
  const clock = fakeClock();
  const nextEd25519Key = { selector: "s2", privateKey: `box ${KEY}` };
  const rotateOnDate = new Date(clock.nowMs() + HOUR).toISOString();
  const { signedBy } = open([config({ rotateOnDate, nextEd25519Key })], clock);
  assert.equal(await signedBy(), "s1");
  clock.advance(HOUR);
  assert.equal(await signedBy(), "s2");
});

test("outgoing signer: keys are unsealed once, and anew after a change", async () => {
  const { sign, openedCount, reload } = open([config()]);
  assert.deepEqual([await sign(), await sign(), openedCount()], ["signed", "signed", 1]);
  reload([config({ enabled: false })]);
  assert.equal(await sign(), "unsigned");
  reload([config()]);
  assert.deepEqual([await sign(), openedCount()], ["signed", 2]);
});

test("outgoing signer: one key of two that cannot be opened: told once, all waits", async () => {
  const rsaKey = { selector: "r1", privateKey: "another box" };
  const { sign, told } = open([config({ rsaKey })]);
  assert.deepEqual([await sign(), await sign()], ["failed", "failed"]);
  assert.equal(told.length, 1);
  assert.match(
    JSON.stringify(told),
    /"dkim-key-unreadable","domain":"contoso.test","selector":"r1"/,
  );
});
