import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { sampleRecording } from "../logs/session-recording.fake.ts";
import { parseConfiguration } from "../org/configuration.ts";
import { fakeDirectory } from "../org/directory.fake.ts";
import type { TapeEvent, TapeLine } from "../smtp/session-tape.ts";
import { replayRecording } from "./session-replay.ts";

const TEXT = `
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test, domainType: Authoritative, default: true }]
receiveConnectors:
  - name: Default
    bindings: ["192.0.2.25:25"]
    permissionGroups: [AnonymousUsers, ExchangeUsers]
    authMechanism: [Tls, BasicAuth]
    maxMessageSize: 1MB
`;

const RIGHT = "ms-Exch-SMTP-Accept-Any-Recipient";
const lenient = `${TEXT}    extendedRights: { AnonymousUsers: [${RIGHT}] }\n`;

function organizationOf(text: string) {
  const parsed = parseConfiguration(text, { fileName: "x", hostName: "h", cores: 1 });
  assert.ok(parsed.ok);
  return parsed.value.organization;
}

function recorded(...lines: readonly (readonly [TapeEvent, string, string?])[]) {
  const told: TapeLine[] = lines.map(([event, data, context = ""]) => ({
    ...{ atMs: 0, event, data, context },
  }));
  return sampleRecording({ lines: told });
}

async function replay(recording: ReturnType<typeof recorded>, text = TEXT) {
  const steps = await replayRecording(recording, {
    organization: organizationOf(text),
    directory: fakeDirectory([]),
    clock: fakeClock(),
  });
  return steps?.map(({ said, verdict, now }) => `${verdict}: ${said} => ${now.slice(0, 9).trim()}`);
}

const HELLO = [
  ["+", ""],
  [">", "220 mail"],
  ["<", "EHLO a"],
] as const;
const MAIL = [
  ["<", "MAIL FROM:<x@fabrikam.test>"],
  [">", "250 2.1.0 Sender OK"],
] as const;

test("what was refused then is refused now", async () => {
  const told = await replay(
    recorded(...HELLO, ...MAIL, ["<", "RCPT TO:<x@elsewhere.test>"], [">", "550 5.7.54 No"]),
  );
  assert.deepEqual(told, [
    "same: (connected) => 220 mail.",
    "unknown: EHLO a => 250-mail.",
    "same: MAIL FROM:<x@fabrikam.test> => 250 2.1.0",
    "same: RCPT TO:<x@elsewhere.test> => 550 5.7.5",
  ]);
});

test("with other settings the answer is another", async () => {
  const told = await replay(
    recorded(...HELLO, ...MAIL, ["<", "RCPT TO:<x@elsewhere.test>"], [">", "550 5.7.54 No"]),
    lenient,
  );
  assert.equal(told?.at(-1), "different: RCPT TO:<x@elsewhere.test> => 250 2.1.5");
});

test("content is made up in its size, by DATA and by BDAT", async () => {
  const to = [
    ["<", "RCPT TO:<x@elsewhere.test>"],
    [">", "250 2.1.5 OK"],
  ] as const;
  const data = [
    ["<", "DATA"],
    [">", "354 go"],
  ] as const;
  const small = await replay(
    recorded(...HELLO, ...MAIL, ...to, ...data, ["<", "<500 octets>"], [">", "250 2.6.0 x"]),
    lenient,
  );
  assert.equal(small?.at(-1), "same: (500 octets of content) => 250 2.6.0");
  const large = await replay(
    recorded(...HELLO, ...MAIL, ...to, ...data, ["<", "<3000000 octets>"], [">", "250 2.6.0 x"]),
    lenient,
  );
  assert.equal(large?.at(-1), "different: (3000000 octets of content) => 552 5.3.4");
  const chunks = await replay(
    recorded(
      ...HELLO,
      ...MAIL,
      ...to,
      ["<", "BDAT 100"],
      [">", "250 2.6.0 Chunk received"],
      ["<", "BDAT 200 LAST"],
      ["<", "<300 octets>"],
      [">", "250 2.6.0 x"],
    ),
    lenient,
  );
  assert.ok(!chunks?.some((line) => line.startsWith("different")), chunks?.join("\n"));
  assert.ok(
    chunks?.some((line) => line.includes("250 2.6.0")),
    chunks?.join("\n"),
  );
});

test("TLS and logons come out as they did; what is not known is not said again", async () => {
  const told = await replay(
    recorded(
      ...HELLO,
      [">", "250 x"],
      ["<", "STARTTLS"],
      [">", "220 2.0.0 go"],
      ["*", "TLSv1.3 TLS_AES_256_GCM_SHA384", "TLS negotiation succeeded"],
      ["<", "EHLO a"],
      ["<", "AUTH LOGIN"],
      [">", "334 <authentication response>"],
      ["<", "<authentication response>"],
      [">", "535 5.7.3 No"],
      ["<", "<not shown>"],
      [">", "500 5.5.1 What?"],
    ),
  );
  assert.deepEqual(told?.slice(2), [
    "same: STARTTLS => 220 2.0.0",
    "same: (TLS: TLSv1.3 TLS_AES_256_GCM_SHA384) => ",
    "unknown: EHLO a => 250-mail.",
    "same: AUTH LOGIN => 535 5.7.3",
    "unknown: <not shown> => ",
  ]);
});

test("a connection that finds no connector any more, and one that went out", async () => {
  const elsewhere = TEXT.replace("192.0.2.25:25", "192.0.2.26:25");
  const told = await replay(recorded(...HELLO), elsewhere);
  assert.deepEqual(told, ["different: (connected) => 421 4.3.2"]);
  const sent = { ...recorded(...HELLO), direction: "Send" } as const;
  assert.equal(await replay(sent), undefined);
});
