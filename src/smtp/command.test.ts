import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Command, type CommandContext, parseCommand } from "./command.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import { FAKE_SESSION_OPTIONS } from "./session-options.fake.ts";

const CONTEXT: CommandContext = {
  extensions: { ...FAKE_SESSION_OPTIONS.extensions, auth: true },
  smtpUtf8: false,
  postmasterAddress: FAKE_SESSION_OPTIONS.postmasterAddress,
  requireEhloDomain: false,
};

function read(line: string, context: CommandContext = CONTEXT): Command | Reply {
  const command = parseCommand(line, context);
  return command.ok ? command.value : command.fault;
}

const EXTENDED: CommandContext = {
  ...CONTEXT,
  extensions: { ...CONTEXT.extensions, requireTls: true, orar: true, longAddresses: true },
};
const LONG_LOCAL = "x".repeat(1_860 - "@b.test".length);

for (const [line, want] of [
  ["MAIL FROM:<> AUTH=<>", { submitter: "" }],
  ["MAIL FROM:<> AUTH=e+3Dmc2@example.com", { submitter: "e=mc2@example.com" }],
  ["MAIL FROM:<a@b.test> REQUIRETLS AUTH=<>", { submitter: "", requireTls: true }],
  ["MAIL FROM:<> AUTH=", REPLY.badArguments],
  ["MAIL FROM:<> AUTH", REPLY.badParameter],
  ["MAIL FROM:<> AUTH=nobody", REPLY.badParameter],
  ["MAIL FROM:<> AUTH=a+0Ab@b.test", REPLY.badParameter],
  ["MAIL FROM:<> REQUIRETLS=1", REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORAR=c@d.test", { alternateRecipient: "c@d.test" }],
  ["RCPT TO:<a@b.test> ORAR=rfc822;c+2Bd@d.test", { alternateRecipient: "c+d@d.test" }],
  ["RCPT TO:<a@b.test> ORAR=c", REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORAR", REPLY.badParameter],
  [`RCPT TO:<${LONG_LOCAL}@b.test>`, { address: `${LONG_LOCAL}@b.test` }],
  [`RCPT TO:<x${LONG_LOCAL}@b.test>`, REPLY.badRecipient],
] as const) {
  test(`extended: ${line.slice(0, 60)}`, () => {
    const command = read(line, EXTENDED);
    if (!("verb" in command)) {
      assert.deepEqual(command, want);
      return;
    }
    assert.ok(command.verb === "MAIL" || command.verb === "RCPT");
    const said = command.verb === "MAIL" ? command.envelope : command.recipient;
    assert.deepEqual({ ...said, ...want }, said);
  });
}

/** The envelope and size of a MAIL in short: sender, body, utf8, ret, envid, size. */
function readMail(line: string): readonly unknown[] | Reply {
  const command = read(line);
  if (!("verb" in command)) return command;
  assert.ok(command.verb === "MAIL");
  const { sender, body, smtpUtf8, ret, envid } = command.envelope;
  return [sender, body, smtpUtf8, ret, envid, command.sizeBytes];
}

for (const [line, want] of [
  ["MAIL FROM:<>", ["", "7BIT", false, undefined, undefined, undefined]],
  ["MAIL FROM:<a@b.test>", ["a@b.test", "7BIT", false, undefined, undefined, undefined]],
  [
    "mail From:<A@B.TEST> size=0 body=8bitmime smtputf8 ret=hdrs envid=a+2Bb",
    ["A@b.test", "8BITMIME", true, "HDRS", "a+b", 0],
  ],
  [
    'MAIL FROM:<"a>b \\" c"@b.test> SIZE=5',
    ['"a>b \\" c"@b.test', "7BIT", false, undefined, undefined, 5],
  ],
  ["MAIL FROM:<@x.test:a@b.test>", ["a@b.test", "7BIT", false, undefined, undefined, undefined]],
  ["MAIL FROM:<ü@b.test> SMTPUTF8", ["ü@b.test", "7BIT", true, undefined, undefined, undefined]],
  ["MAIL FROM:<a@[192.0.2.1]>", ["a@[192.0.2.1]", "7BIT", false, undefined, undefined, undefined]],
  ["MAIL FROM:<ü@b.test>", REPLY.utf8Needed],
  ["MAIL FROM:<a@ü.test>", REPLY.utf8Needed],
  ["MAIL", REPLY.badArguments],
  ["MAIL TO:<a@b.test>", REPLY.badArguments],
  ["MAIL FROM <a@b.test>", REPLY.badArguments],
  ["MAIL FROM:a@b.test", REPLY.badSender],
  ["MAIL FROM:<a@b.test", REPLY.badSender],
  ["MAIL FROM:<a@b.test>SIZE=1", REPLY.badSender],
  ["MAIL FROM:<a>", REPLY.badSender],
  ["MAIL FROM:<Postmaster>", REPLY.badSender],
  ["MAIL FROM:<a b@c.test>", REPLY.badSender],
  ["MAIL FROM:<@x.test>", REPLY.badSender],
  ["MAIL FROM:<@:a@b.test>", REPLY.badSender],
  ["MAIL FROM:<@x.test,y.test:a@b.test>", REPLY.badSender],
  ["MAIL FROM:<@x.test:>", REPLY.badSender],
  ["MAIL FROM:<> SIZE", REPLY.badParameter],
  ["MAIL FROM:<> SIZE=", REPLY.badArguments],
  ["MAIL FROM:<> SIZE=-1", REPLY.badParameter],
  ["MAIL FROM:<> SIZE=1 SIZE=1", REPLY.repeatedParameter],
  ["MAIL FROM:<> BODY=9BIT", REPLY.badParameter],
  ["MAIL FROM:<> SMTPUTF8=yes", REPLY.badParameter],
  ["MAIL FROM:<> RET=ALL", REPLY.badParameter],
  ["MAIL FROM:<> RET=FULL RET=HDRS", REPLY.repeatedParameter],
  ["MAIL FROM:<> ENVID=a+0D+0Ab", REPLY.badParameter],
  ["MAIL FROM:<> ENVID=a+b", REPLY.badParameter],
  ["MAIL FROM:<> constructor=1", REPLY.unknownParameter],
  ["MAIL FROM:<> NOTIFY=NEVER", REPLY.unknownParameter],
  ["MAIL FROM:<> a=b=c", REPLY.badArguments],
  ["MAIL FROM:<> =", REPLY.badArguments],
] as const) {
  test(`command: ${line}`, () => assert.deepEqual(readMail(line), want));
}

test("ENVID: 100 octets yes, 101 no", () => {
  assert.equal("verb" in read(`MAIL FROM:<> ENVID=${"x".repeat(100)}`), true);
  assert.equal(read(`MAIL FROM:<> ENVID=${"x".repeat(101)}`), REPLY.badParameter);
});

test("ORCPT: 500 octets yes, 501 no", () => {
  assert.equal("verb" in read(`RCPT TO:<a@b.test> ORCPT=rfc822;${"x".repeat(493)}`), true);
  assert.equal(read(`RCPT TO:<a@b.test> ORCPT=rfc822;${"x".repeat(494)}`), REPLY.badParameter);
});

function readRecipient(line: string, context = CONTEXT): readonly unknown[] | Reply {
  const command = read(line, context);
  if (!("verb" in command)) return command;
  assert.ok(command.verb === "RCPT");
  const { address, notify, originalRecipient } = command.recipient;
  return [address, notify, originalRecipient];
}

const UTF8: CommandContext = { ...CONTEXT, smtpUtf8: true };
for (const [line, context, want] of [
  ["RCPT TO:<a@b.test>", CONTEXT, ["a@b.test", undefined, undefined]],
  ["RCPT TO:<pOstmaster>", CONTEXT, ["postmaster@contoso.test", undefined, undefined]],
  ["RCPT TO:<a@b.test> NOTIFY=NEVER", CONTEXT, ["a@b.test", [], undefined]],
  [
    "rcpt to:<a@b.test> notify=success,Delay,success ORCPT=rfc822;A+2Bb@c.test",
    CONTEXT,
    ["a@b.test", ["SUCCESS", "DELAY"], { type: "rfc822", address: "A+b@c.test" }],
  ],
  [
    "RCPT TO:<a@b.test> ORCPT=utf-8;\\x{FC}@c.test",
    CONTEXT,
    ["a@b.test", undefined, { type: "utf-8", address: "ü@c.test" }],
  ],
  [
    "RCPT TO:<ü@b.test> ORCPT=utf-8;ü@c.test",
    UTF8,
    ["ü@b.test", undefined, { type: "utf-8", address: "ü@c.test" }],
  ],
  ["RCPT TO:<ü@b.test>", CONTEXT, REPLY.utf8Needed],
  ["RCPT TO:<a@b.test> ORCPT=utf-8;ü@c.test", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORCPT=utf-8;\\x{D}\\x{A}", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORCPT=utf-8;\\x{0D}\\x{0A}", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORCPT=utf-8;\\x{D800}", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORCPT=utf-8;\\x{FFFFFF}", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORCPT=rfc822;", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORCPT=a@b.test", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> ORCPT=rfc822;a+00", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> NOTIFY=NEVER,SUCCESS", CONTEXT, REPLY.badParameter],
  ["RCPT TO:<a@b.test> NOTIFY=", CONTEXT, REPLY.badArguments],
  ["RCPT TO:<a@b.test> NOTIFY=NEVER NOTIFY=NEVER", CONTEXT, REPLY.repeatedParameter],
  ["RCPT TO:<a@b.test> SIZE=1", CONTEXT, REPLY.unknownParameter],
  ["RCPT TO:<>", CONTEXT, REPLY.badRecipient],
  ["RCPT TO:<postmaster@>", CONTEXT, REPLY.badRecipient],
  ["RCPT TO:a@b.test", CONTEXT, REPLY.badRecipient],
  ["RCPT FROM:<a@b.test>", CONTEXT, REPLY.badArguments],
] as const) {
  test(`command: ${line}`, () => assert.deepEqual(readRecipient(line, context), want));
}

for (const [line, want] of [
  ["BDAT 0", { verb: "BDAT", bytes: 0, last: false }],
  ["bdat 12 last", { verb: "BDAT", bytes: 12, last: true }],
  ["BDAT 999999999999999 LAST", { verb: "BDAT", bytes: 999_999_999_999_999, last: true }],
  ["BDAT", REPLY.badChunk],
  ["BDAT 1 2", REPLY.badChunk],
  ["BDAT -1", REPLY.badChunk],
  ["BDAT 0x10", REPLY.badChunk],
  ["BDAT 1LAST", REPLY.badChunk],
  ["BDAT 9999999999999999", REPLY.badChunk],
  ["DATA ", { verb: "DATA" }],
  ["RSET now", REPLY.badArguments],
  ["QUIT", { verb: "QUIT" }],
  [" NOOP", REPLY.unknownCommand],
  ["NOOPS", REPLY.unknownCommand],
  ["constructor", REPLY.unknownCommand],
  ["GET / HTTP/1.1", REPLY.unknownCommand],
] as const) {
  test(`command: "${line}"`, () => assert.deepEqual(read(line), want));
}

test("any line gives a command or a reply", () => {
  const verb = fc.constantFrom("MAIL FROM:<", "RCPT TO:<", "EHLO ", "BDAT ", "VRFY ", "");
  fc.assert(
    fc.property(verb, fc.string({ unit: "binary", maxLength: 80 }), (start, text) => {
      const command = parseCommand(start + text, UTF8);
      assert.ok(command.ok || command.fault.code >= 500);
    }),
    { numRuns: 2_000 },
  );
});
