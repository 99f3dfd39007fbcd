import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AssertionFailure } from "../base/assert.ts";
import { ClientMachine } from "./client-machine.ts";
import {
  CHUNKING,
  describe,
  GREETING,
  OPTIONS,
  PIPELINING,
  PLAIN,
  type Script,
  talk,
} from "./client-talk.fake.ts";

const RSET = "RSET\r\n";
const EHLO = "EHLO us.test\r\n";

const FINAL = "250 2.6.0 queued\r\n";
const OPEN = [GREETING, PIPELINING];
const GO = "250 s\r\n250 r\r\n354 go\r\n";

/** Events after `ready` of a transaction with one recipient, two where `250 r` comes twice. */
const PIPELINED: readonly (readonly [string, Script, readonly string[], readonly string[]])[] = [
  [
    "all well",
    [GO, FINAL],
    ["<content>"],
    ["content data", "finished sent 250 2.6.0 queued", "ready"],
  ],
  [
    "MAIL refused",
    ["550 5.1.0 s\r\n503 r\r\n503 d\r\n", "250 k\r\n"],
    [RSET],
    ["finished mail 550 5.1.0 s", "ready"],
  ],
  [
    "MAIL refused, DATA taken",
    ["450 s\r\n503 r\r\n354 d\r\n", "554 e\r\n", "250 k\r\n"],
    [".\r\n", RSET],
    ["finished mail 450 s", "ready"],
  ],
  [
    "MAIL refused, RCPT and DATA taken",
    ["450 s\r\n250 r\r\n354 d\r\n"],
    [],
    ["finished mail 450 s", "ended violation RCPT accepted after MAIL was refused"],
  ],
  [
    "RCPT refused",
    ["250 s\r\n550 5.1.1 r\r\n554 d\r\n", "250 k\r\n"],
    [RSET],
    ["finished rcpt 550 5.1.1 r", "ready"],
  ],
  [
    "RCPT refused, DATA taken",
    ["250 s\r\n450 r\r\n354 d\r\n", "554 e\r\n", "250 k\r\n"],
    [".\r\n", RSET],
    ["finished rcpt 450 r", "ready"],
  ],
  [
    "DATA refused",
    ["250 s\r\n250 r\r\n451 d\r\n", "250 k\r\n"],
    [RSET],
    ["finished data 451 d", "ready"],
  ],
  [
    "250 to DATA",
    ["250 s\r\n250 r\r\n250 d\r\n"],
    [],
    ["finished lost", "ended violation 250 to DATA"],
  ],
  ["354 to MAIL", ["354 s\r\n"], [], ["finished lost", "ended violation 354 to MAIL"]],
  ["354 to RCPT", ["250 s\r\n354 r\r\n"], [], ["finished lost", "ended violation 354 to RCPT"]],
  ["421 to MAIL", ["421 s\r\n"], [], ["finished mail 421 s", "ended closing 421"]],
  ["421 to RCPT", ["250 s\r\n421 r\r\n"], [], ["finished rcpt 421 r", "ended closing 421"]],
  [
    "421 to DATA",
    ["250 s\r\n250 r\r\n421 d\r\n"],
    [],
    ["finished data 421 d", "ended closing 421"],
  ],
  [
    "421 to the content",
    [GO, "421 f\r\n"],
    ["<content>"],
    ["content data", "finished sent content 421 f", "ended closing 421"],
  ],
  [
    "content refused",
    [GO, "554 5.7.1 spam\r\n"],
    ["<content>"],
    ["content data", "finished sent content 554 5.7.1 spam", "ready"],
  ],
  [
    "content deferred",
    [GO, "451 later\r\n"],
    ["<content>"],
    ["content data", "finished sent content 451 later", "ready"],
  ],
  [
    "354 to the content",
    [GO, "354 more\r\n"],
    ["<content>"],
    ["content data", "finished sent lost", "ended violation 354 to the content"],
  ],
  [
    "250 before the content",
    [`${GO}250 early\r\n`],
    [],
    ["content data", "finished lost", "ended violation unexpected reply 250"],
  ],
  [
    "552 before the content",
    [`${GO}552 early\r\n`],
    [],
    ["content data", "finished content 552 early", "ended violation unexpected reply 552"],
  ],
  ["lost in MAIL", ["LOST"], [], ["finished lost", "ended lost closed"]],
  [
    "lost after the content",
    [GO, "LOST"],
    ["<content>"],
    ["content data", "finished sent lost", "ended lost closed"],
  ],
  [
    "refused, then lost",
    ["250 s\r\n550 r\r\n", "LOST"],
    [],
    ["finished rcpt 550 r", "ended lost closed"],
  ],
  [
    "lost in RSET",
    ["250 s\r\n550 r\r\n554 d\r\n", "LOST"],
    [RSET],
    ["finished rcpt 550 r", "ended lost closed"],
  ],
  [
    "503 to RSET",
    ["250 s\r\n550 r\r\n554 d\r\n", "503 k\r\n"],
    [RSET],
    ["finished rcpt 550 r", "ended violation 503 to RSET"],
  ],
  [
    "broken reply after the content",
    [GO, "25 ok\r\n"],
    ["<content>"],
    ["content data", "finished sent lost", "ended violation not a reply: 25 ok"],
  ],
];

for (const [why, script, said, events] of PIPELINED) {
  test(`client sends, pipelined: ${why}`, () => {
    const result = talk([...OPEN, ...script]);
    const first = "MAIL FROM:<>\r\nRCPT TO:<0>\r\nDATA\r\n";
    // Content that met a refusal on the way is not looked at here: a session that has ended writes
    // nothing.
    const written = result.said.slice(1).map((text) => text.replace("<content>", "<content>"));
    assert.equal(written[0], first);
    assert.deepEqual(result.events, ["ready", ...events]);
    if (!why.includes("before the content")) assert.deepEqual(written.slice(1), said);
  });
}

test("client sends: without PIPELINING one command at a time", () => {
  const script = [GREETING, PLAIN, "250 s\r\n", "250 r\r\n", "550 r\r\n", "354 d\r\n", FINAL];
  const { said, events } = talk(script, { recipients: 2 });
  const commands = ["MAIL FROM:<>\r\n", "RCPT TO:<0>\r\n", "RCPT TO:<1>\r\n", "DATA\r\n"];
  assert.deepEqual(said, [EHLO, ...commands, "<content>"]);
  assert.deepEqual(events.slice(1), [
    "content data",
    "finished sent 250 2.6.0 queued, rcpt 550 r",
    "ready",
  ]);
});

test("client sends: without PIPELINING no DATA when nobody is left", () => {
  const { said, events } = talk([GREETING, PLAIN, "250 s\r\n", "550 r\r\n", "250 k\r\n"]);
  assert.deepEqual(said.slice(1), ["MAIL FROM:<>\r\n", "RCPT TO:<0>\r\n", RSET]);
  assert.deepEqual(events, ["ready", "finished rcpt 550 r", "ready"]);
});

test("client sends: without PIPELINING a refused MAIL needs no RSET", () => {
  const { said, events } = talk([GREETING, PLAIN, "550 s\r\n"]);
  assert.deepEqual(said.slice(1), ["MAIL FROM:<>\r\n"]);
  assert.deepEqual(events, ["ready", "finished mail 550 s", "ready"]);
});

test("client sends: BDAT waits for the recipients and needs no DATA", () => {
  const script = [GREETING, CHUNKING, "250 s\r\n550 r\r\n250 r\r\n", FINAL];
  const { said, events } = talk(script, { recipients: 2, transfer: "chunks" });
  assert.deepEqual(said.slice(1), [
    "MAIL FROM:<>\r\nRCPT TO:<0>\r\nRCPT TO:<1>\r\n",
    "BDAT 5 LAST\r\n<content>",
  ]);
  assert.deepEqual(events.slice(1), [
    "content chunks",
    "finished sent rcpt 550 r, 250 2.6.0 queued",
    "ready",
  ]);
});

test("client sends: no BDAT when nobody is left", () => {
  const script = [GREETING, CHUNKING, "250 s\r\n550 r\r\n", "250 k\r\n"];
  const { said, events } = talk(script, { transfer: "chunks" });
  assert.deepEqual(said.slice(2), [RSET]);
  assert.deepEqual(events, ["ready", "finished rcpt 550 r", "ready"]);
});

test("client sends: a refused chunk ends the content, and every reply is waited for", () => {
  const machine = new ClientMachine(OPTIONS);
  const receive = (text: string) => machine.receive(Buffer.from(text));
  const events = () => {
    const out: string[] = [];
    for (let event = machine.next(); event !== undefined; event = machine.next()) {
      out.push(describe(event));
    }
    return out;
  };
  receive(GREETING);
  receive(CHUNKING);
  machine.begin({ mail: "MAIL FROM:<>", recipients: ["RCPT TO:<0>"], transfer: "chunks" });
  receive("250 s\r\n250 r\r\n");
  assert.deepEqual(events(), ["ready", "content chunks"]);
  assert.equal(machine.chunk(7, "middle"), "BDAT 7\r\n");
  assert.equal(machine.chunk(8, "middle"), "BDAT 8\r\n");
  assert.equal(machine.chunksInFlight, 2);
  machine.takeOutput();
  receive("552 5.3.4 too big\r\n");
  assert.equal(machine.wantsContent, false);
  assert.deepEqual(events(), []);
  receive("503 x\r\n");
  assert.equal(machine.takeOutput(), RSET);
  receive("250 k\r\n");
  assert.deepEqual(events(), ["finished content 552 5.3.4 too big", "ready"]);
});

const LMTP = { protocol: "lmtp" } as const;
const TWO_OF_THREE = "250 s\r\n250 r\r\n550 r\r\n250 r\r\n354 go\r\n";
for (const [why, replies, want] of [
  [
    "each its own",
    "250 a\r\n452 4.2.2 full\r\n",
    ["finished sent 250 a, rcpt 550 r, content 452 4.2.2 full", "ready"],
  ],
  ["lost in between", "250 a\r\n", ["finished sent 250 a, rcpt 550 r, lost", "ended lost closed"]],
  [
    "421 in between",
    "421 a\r\n",
    ["finished sent content 421 a, rcpt 550 r, lost", "ended closing 421"],
  ],
] as const) {
  test(`LMTP: replies per recipient: ${why}`, () => {
    const script = [GREETING, PIPELINING, TWO_OF_THREE, replies, "LOST"];
    const { events } = talk(script, { options: LMTP, recipients: 3 });
    assert.deepEqual(events.slice(0, 4), ["ready", "content data", ...want]);
  });
}

test("property: the cuts of the server's bytes make no difference", () => {
  const scripts: Script[] = [
    ...PIPELINED.filter(([why]) => !why.includes("before the content")).map(([, script]) => [
      ...OPEN,
      ...script,
    ]),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...scripts),
      fc.array(fc.nat(), { maxLength: 12 }),
      (script, cuts) => {
        const whole = talk(script);
        const parts = talk(script, { cuts });
        assert.deepEqual(parts.events, whole.events);
        assert.equal(parts.said.join(""), whole.said.join(""));
      },
    ),
  );
});

test("fuzz: whatever the server says, the machine ends in order and never throws", () => {
  const noise = fc.constantFrom(
    "220 x\r\n",
    "250 ok\r\n",
    "250-PIPELINING\r\n",
    "354 go\r\n",
    "421 bye\r\n",
    "450 no\r\n",
    "550 no\r\n",
    "x\r\n",
    "2",
    "\n",
    "250-a\r\n250 STARTTLS\r\n",
    "250-a\r\n250 CHUNKING\r\n",
    "LOST",
  );
  const transfer = fc.constantFrom("data" as const, "chunks" as const);
  const protocol = fc.constantFrom("smtp" as const, "lmtp" as const);
  fc.assert(
    fc.property(
      fc.array(noise, { maxLength: 14 }),
      transfer,
      protocol,
      (script, transfer, protocol) => {
        const options = { protocol, startTls: "never" } as const;
        const { events } = talk([GREETING, ...script, "LOST"], {
          recipients: 2,
          transfer,
          options,
        });
        assert.equal(events.filter((event) => event.startsWith("ended")).length, 1);
        assert.ok(events.at(-1)?.startsWith("ended"));
        assert.ok(events.filter((event) => event.startsWith("finished")).length <= 1);
      },
    ),
    { numRuns: 1000 },
  );
});

test("a control character never gets into a command", () => {
  for (const bad of ["a\r\nb", "a\nb", "a\0b", "a\x7fb"]) {
    assert.throws(() => new ClientMachine({ ...OPTIONS, fqdn: bad }), AssertionFailure);
    const machine = new ClientMachine(OPTIONS);
    machine.receive(Buffer.from(GREETING));
    machine.receive(Buffer.from(PLAIN));
    const transaction = {
      mail: `MAIL FROM:<${bad}>`,
      recipients: ["x"],
      transfer: "data",
    } as const;
    assert.throws(() => machine.begin(transaction), AssertionFailure);
  }
});

test("each phase has its name, for its timeout", () => {
  const machine = new ClientMachine({ ...OPTIONS, startTls: "opportunistic" });
  const seen: string[] = [machine.phase];
  for (const text of [GREETING, "250-x\r\n250-PIPELINING\r\n250 STARTTLS\r\n", "220 go\r\n"]) {
    machine.receive(Buffer.from(text));
    seen.push(machine.phase);
  }
  machine.tlsStarted();
  seen.push(machine.phase);
  machine.receive(Buffer.from(PIPELINING));
  seen.push(machine.phase);
  machine.begin({ mail: "MAIL", recipients: ["RCPT"], transfer: "data" });
  for (const text of ["250 s\r\n", "250 r\r\n", "354 d\r\n"]) {
    seen.push(machine.phase);
    machine.receive(Buffer.from(text));
  }
  seen.push(machine.phase);
  machine.contentSent();
  seen.push(machine.phase);
  machine.receive(Buffer.from(FINAL));
  machine.quit();
  seen.push(machine.phase);
  machine.receive(Buffer.from("221 bye\r\n"));
  seen.push(machine.phase);
  assert.deepEqual(seen, [
    "greeting",
    "hello",
    "starttls",
    "handshake",
    "hello",
    "idle",
    "mail",
    "rcpt",
    "data",
    "content",
    "final",
    "quit",
    "ended",
  ]);
});

for (const [why, script, said, events] of [
  [
    "taken, pipelined",
    [GREETING, PIPELINING, "250 s\r\n250 r\r\n", "250 k\r\n"],
    [EHLO, "MAIL FROM:<>\r\nRCPT TO:<0>\r\n", RSET],
    ["ready", "finished 250 r", "ready"],
  ],
  [
    "taken, one by one",
    [GREETING, PLAIN, "250 s\r\n", "250 r\r\n", "250 k\r\n"],
    [EHLO, "MAIL FROM:<>\r\n", "RCPT TO:<0>\r\n", RSET],
    ["ready", "finished 250 r", "ready"],
  ],
  [
    "refused",
    [GREETING, PIPELINING, "250 s\r\n550 r\r\n", "250 k\r\n"],
    [EHLO, "MAIL FROM:<>\r\nRCPT TO:<0>\r\n", RSET],
    ["ready", "finished rcpt 550 r", "ready"],
  ],
] as const) {
  test(`a transaction without content ends with RSET: ${why}`, () => {
    assert.deepEqual(talk(script, { transfer: "none" }), { said, events });
  });
}
