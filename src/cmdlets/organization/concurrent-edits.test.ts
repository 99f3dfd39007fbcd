import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../base/text-of.fake.ts";
import { openRoom } from "./organization-room.fake.ts";
import { ORGANIZATION_CMDLETS } from "./table.ts";

const BASE = `
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
sendConnectors:
  - name: Out
    addressSpaces: ["*"]
    smartHosts: ["[192.0.2.9]"]
    smartHostAuthMechanism: BasicAuth
    authenticationCredential: { userName: u, password: hush }
`;

type Room = Awaited<ReturnType<typeof openRoom>>;

async function tagOf({ objects }: Room, noun = "SendConnector"): Promise<string> {
  const [first] = await objects(`Get-${noun}`);
  return textOf(first?.["ETag"]);
}

for (const [first, second] of [
  [
    ["alice", { Comment: "hers" }],
    ["bob", { MaxMessageSize: "5MB" }],
  ],
  [
    ["bob", { MaxMessageSize: "5MB" }],
    ["alice", { Comment: "hers" }],
  ],
] as const) {
  test(`two editors, ${first[0]} first: the other is refused and merges`, async () => {
    const room = await openRoom(BASE);
    const seen = await tagOf(room);
    const set = { Identity: "Out", IfMatch: seen };
    await room.objects("Set-SendConnector", { ...set, ...first[1] });
    const refused = await room.failure("Set-SendConnector", { ...set, ...second[1] });
    assert.equal(refused.code, "conflict");
    assert.equal(refused.parameter, "IfMatch");
    assert.match(refused.message, /^send connector "Out" has been changed meanwhile by root \(/);
    assert.ok(refused.message.includes(`(${Object.keys(first[1])[0]})`), refused.message);
    await room.objects("Set-SendConnector", { ...set, ...second[1], IfMatch: await tagOf(room) });
    const [out] = await room.objects("Get-SendConnector");
    assert.equal(out?.["Comment"], "hers");
    assert.equal(out["MaxMessageSize"], "5MB");
    assert.equal(room.audited.filter(({ succeeded }) => succeeded).length, 2);
  });
}

test("what was refused has changed nothing, nor has a plan that is refused", async () => {
  const room = await openRoom(BASE);
  const tag = await tagOf(room);
  const stale = { Identity: "Out", IfMatch: "00000000000000000000" };
  for (const [cmdlet, more] of [
    ["Set-SendConnector", { Comment: "lost" }],
    ["Remove-SendConnector", {}],
  ] as const) {
    assert.equal((await room.failure(cmdlet, { ...stale, ...more })).code, "conflict");
    const planned = await room.run(cmdlet, { ...stale, ...more }, true);
    assert.equal(planned.at(-1)?.kind, "failed");
  }
  assert.equal(await tagOf(room), tag);
});

test("of two that run at once with the same tag, one is refused", async () => {
  const room = await openRoom(BASE);
  const IfMatch = await tagOf(room);
  const runs = ["a", "b", "c"].map((Comment) =>
    room.run("Set-SendConnector", { Identity: "Out", IfMatch, Comment }),
  );
  const ends = (await Promise.all(runs)).map((records) => records.at(-1)?.kind);
  assert.deepEqual(ends.toSorted(), ["done", "failed", "failed"]);
});

for (const IfMatch of ["*", undefined]) {
  test(`-IfMatch ${IfMatch ?? "left out"} sets whatever has happened`, async () => {
    const room = await openRoom(BASE);
    await room.objects("Set-SendConnector", { Identity: "Out", Comment: "one" });
    const given = IfMatch === undefined ? {} : { IfMatch };
    await room.objects("Set-SendConnector", { Identity: "Out", Comment: "two", ...given });
  });
}

test("an object that is not there is that fault, whatever its tag", async () => {
  const room = await openRoom(BASE);
  const gone = { Identity: "Gone", IfMatch: await tagOf(room) };
  assert.equal((await room.failure("Remove-SendConnector", gone)).code, "not-found");
});

test("a kind of which there is one has a tag before anything is stored of it", async () => {
  const room = await openRoom(BASE);
  const IfMatch = await tagOf(room, "TransportConfig");
  await room.objects("Set-TransportConfig", { IfMatch, MaxSendSize: "5MB" });
  const late = await room.failure("Set-TransportConfig", { IfMatch, MaxSendSize: "6MB" });
  assert.match(late.message, /^the transport/);
});

test("the tag is of what is stored: another start with the same file has the same", async () => {
  const [one, other] = [await openRoom(BASE), await openRoom(BASE)];
  assert.equal(await tagOf(one, "AcceptedDomain"), await tagOf(other, "AcceptedDomain"));
  // A secret is sealed anew for each store: within one, it stays.
  assert.equal(await tagOf(one), await tagOf(one));
});

test("the tag is neither in plans nor in the audit log's differences", async () => {
  const room = await openRoom(BASE);
  const given = { Identity: "Out", Comment: "x" };
  const planned = JSON.stringify(await room.run("Set-SendConnector", given, true));
  await room.run("Set-SendConnector", given);
  assert.ok(!planned.includes("ETag"));
  assert.ok(!JSON.stringify(room.audited).includes("ETag"));
});

test("whatever changes an object can be told as what it was seen", () => {
  for (const { name, output, parameters } of ORGANIZATION_CMDLETS) {
    if (!/^(?:Set|Remove|Enable|Disable|Rotate)-/.test(name)) continue;
    assert.ok(parameters["IfMatch"] !== undefined, name);
    assert.ok(output.properties["ETag"] !== undefined && !output.table.includes("ETag"), name);
  }
});
