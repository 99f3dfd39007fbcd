import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueuedRecipient } from "../../store/queue-store.ts";
import { describe, run } from "./categorize-sample.fake.ts";
import { notify, recipient } from "./organization.fake.ts";

/** Position of the first that recipient 0 led to. */
const P0 = 2 ** 20;

type Row = readonly [why: string, recipients: readonly QueuedRecipient[], want: readonly string[]];

const ROWS: readonly Row[] = [
  [
    "a mailbox goes as it came",
    [recipient(0, "ALICE@contoso.test")],
    ["0 ALICE@contoso.test > mailbox", "unchanged"],
  ],
  [
    "a proxy address becomes the primary, ORCPT what was written",
    [recipient(0, "A.Smith@contoso.test")],
    [
      "0 alice@contoso.test orcpt=A.Smith@contoso.test > mailbox",
      "RESOLVE A.Smith@contoso.test: alice@contoso.test",
    ],
  ],
  [
    "an ORCPT that was given stays",
    [
      recipient(0, "a.smith@contoso.test", {
        originalRecipient: { type: "rfc822", address: "x@y.test" },
      }),
    ],
    [
      "0 alice@contoso.test orcpt=x@y.test > mailbox",
      "RESOLVE a.smith@contoso.test: alice@contoso.test",
    ],
  ],
  [
    "plus detail is dropped when nobody has the whole",
    [recipient(0, "bob+news@contoso.test")],
    [
      "0 bob@contoso.test orcpt=bob+news@contoso.test > mailbox",
      "RESOLVE bob+news@contoso.test: bob@contoso.test",
    ],
  ],
  [
    "and kept when somebody has",
    [recipient(0, "a+b@contoso.test")],
    [
      "0 alice@contoso.test orcpt=a+b@contoso.test > mailbox",
      "RESOLVE a+b@contoso.test: alice@contoso.test",
    ],
  ],
  ["detail of nobody", [recipient(0, "x+y@contoso.test")], ["0 x+y@contoso.test failed 5.1.10"]],
  [
    "no detail in a quoted local part",
    [recipient(0, '"bob+ x"@contoso.test')],
    ['0 "bob+ x"@contoso.test failed 5.1.10'],
  ],
  [
    "unknown",
    [recipient(0, "x@contoso.test"), recipient(1, "x@out.test")],
    ["1 x@out.test > Internet out.test", "0 x@contoso.test failed 5.1.10"],
  ],
  [
    "internal relay: known here",
    [recipient(0, "here@relay.test")],
    ["0 here@relay.test > mailbox", "unchanged"],
  ],
  [
    "internal relay: unknown goes out",
    [recipient(0, "x@relay.test")],
    ["0 x@relay.test > Internet relay.test", "unchanged"],
  ],
  [
    "external relay",
    [recipient(0, "x@out.test")],
    ["0 x@out.test > Internet out.test", "unchanged"],
  ],
  [
    "a mailbox behind LMTP",
    [recipient(0, "lmtp@contoso.test")],
    ["0 lmtp@contoso.test > 127.0.0.1:24", "unchanged"],
  ],
  [
    "the same mailbox twice",
    [
      recipient(0, "alice@contoso.test", { notify: notify("FAILURE") }),
      recipient(1, "a.smith@contoso.test", { notify: notify("SUCCESS") }),
    ],
    [
      "0 alice@contoso.test notify=FAILURE,SUCCESS > mailbox",
      "RESOLVE a.smith@contoso.test: alice@contoso.test",
      "DUPLICATEREDIRECT a.smith@contoso.test: alice@contoso.test",
    ],
  ],
  [
    "the same address elsewhere twice",
    [recipient(0, "x@far.test"), recipient(1, "X@far.test")],
    ["0 x@far.test > Internet far.test", "DUPLICATEREDIRECT X@far.test: X@far.test"],
  ],
  [
    "a contact goes on",
    [recipient(0, "partner@contoso.test")],
    [
      "0 someone@partner.test orcpt=partner@contoso.test > Internet partner.test",
      "REDIRECT partner@contoso.test: someone@partner.test",
    ],
  ],
  [
    "a contact of somebody here",
    [recipient(0, "inside@contoso.test")],
    [
      "0 alice@contoso.test orcpt=inside@contoso.test > mailbox",
      "REDIRECT inside@contoso.test: a.smith@contoso.test",
      "RESOLVE a.smith@contoso.test: alice@contoso.test",
    ],
  ],
  [
    "a contact that is itself, where all are here",
    [recipient(0, "own@contoso.test")],
    ["0 own@contoso.test failed 5.4.6"],
  ],
  [
    "a contact that is itself, where some are elsewhere",
    [recipient(0, "own@relay.test")],
    ["0 own@relay.test > Internet relay.test", "unchanged"],
  ],
  [
    "contacts in a circle",
    [recipient(0, "c1@contoso.test")],
    [
      "0 c2@contoso.test orcpt=c1@contoso.test failed 5.4.6",
      "REDIRECT c1@contoso.test: c2@contoso.test",
      "REDIRECT c2@contoso.test: c1@contoso.test",
    ].toSpliced(0, 1, "0 c1@contoso.test orcpt=c1@contoso.test failed 5.4.6"),
  ],
  [
    "forwarding",
    [recipient(0, "away@contoso.test", { notify: notify("SUCCESS") })],
    [
      "0 bob@contoso.test orcpt=away@contoso.test notify=SUCCESS > mailbox",
      "REDIRECT away@contoso.test: bob@contoso.test",
    ],
  ],
  [
    "forwarding with a copy",
    [recipient(0, "copy@contoso.test", { notify: notify("SUCCESS,FAILURE") })],
    [
      "0 copy@contoso.test notify=SUCCESS,FAILURE > mailbox",
      `${P0} far@partner.test orcpt=copy@contoso.test notify=FAILURE > Internet partner.test`,
      "REDIRECT copy@contoso.test: far@partner.test",
    ],
  ],
  [
    "forwarding to one who has it already",
    [recipient(0, "bob@contoso.test"), recipient(1, "away@contoso.test")],
    [
      "0 bob@contoso.test > mailbox",
      "REDIRECT away@contoso.test: bob@contoso.test",
      "DUPLICATEREDIRECT away@contoso.test: bob@contoso.test",
    ],
  ],
  [
    "forwarding to nobody",
    [recipient(0, "dead@contoso.test")],
    [
      "0 nobody@contoso.test orcpt=dead@contoso.test failed 5.1.10",
      "REDIRECT dead@contoso.test: nobody@contoso.test",
    ],
  ],
  [
    "a loop with copies is harmless",
    [recipient(0, "ping@contoso.test")],
    [
      "0 ping@contoso.test > mailbox",
      `${P0} pong@contoso.test orcpt=ping@contoso.test > mailbox`,
      "REDIRECT ping@contoso.test: pong@contoso.test",
      "REDIRECT pong@contoso.test: ping@contoso.test",
      "DUPLICATEREDIRECT ping@contoso.test: ping@contoso.test",
    ],
  ],
  [
    "a loop with one copy in it is harmless",
    [recipient(0, "mixed1@contoso.test")],
    [
      "0 mixed2@contoso.test orcpt=mixed1@contoso.test > mailbox",
      "REDIRECT mixed1@contoso.test: mixed2@contoso.test",
      "REDIRECT mixed2@contoso.test: mixed1@contoso.test",
      "DUPLICATEREDIRECT mixed1@contoso.test: mixed2@contoso.test",
    ],
  ],
  [
    "a loop that only forwards is broken",
    [recipient(0, "loop1@contoso.test")],
    [
      "0 loop1@contoso.test orcpt=loop1@contoso.test failed 5.4.6",
      "REDIRECT loop1@contoso.test: loop2@contoso.test",
      "REDIRECT loop2@contoso.test: loop1@contoso.test",
    ],
  ],
  [
    "both ends of a broken loop fail",
    [recipient(0, "loop1@contoso.test"), recipient(1, "loop2@contoso.test")],
    [
      "0 loop1@contoso.test orcpt=loop1@contoso.test failed 5.4.6",
      "1 loop2@contoso.test orcpt=loop2@contoso.test failed 5.4.6",
      "REDIRECT loop1@contoso.test: loop2@contoso.test",
      "REDIRECT loop2@contoso.test: loop1@contoso.test",
      "REDIRECT loop2@contoso.test: loop1@contoso.test",
      "REDIRECT loop1@contoso.test: loop2@contoso.test",
    ],
  ],
  [
    "a mailbox that forwards to itself",
    [recipient(0, "self@contoso.test")],
    [
      "0 self@contoso.test orcpt=self@contoso.test failed 5.4.6",
      "REDIRECT self@contoso.test: self@contoso.test",
    ],
  ],
  [
    "a copy that leads into a broken loop: who keeps his has it, no notice",
    [recipient(0, "keeploop@contoso.test")],
    [
      "0 keeploop@contoso.test > mailbox",
      "REDIRECT keeploop@contoso.test: loop1@contoso.test",
      "REDIRECT loop1@contoso.test: loop2@contoso.test",
      "REDIRECT loop2@contoso.test: loop1@contoso.test",
      "DUPLICATEREDIRECT loop1@contoso.test: loop2@contoso.test",
    ],
  ],
  [
    "postmaster of any domain of ours goes to the default domain's Maildir",
    [recipient(0, "PostMaster@fabrikam.test")],
    [
      "0 postmaster@contoso.test orcpt=PostMaster@fabrikam.test > mailbox",
      "REDIRECT PostMaster@fabrikam.test: postmaster@contoso.test",
    ],
  ],
  [
    "and goes there as it is",
    [recipient(0, "postmaster@contoso.test")],
    ["0 postmaster@contoso.test > mailbox", "unchanged"],
  ],
  [
    "resolved: routed only, forwarded no more",
    [recipient(0, "copy@contoso.test", { resolved: true })],
    ["0 copy@contoso.test > mailbox", "unchanged"],
  ],
  [
    "resolved: a mailbox that is gone",
    [recipient(0, "gone@contoso.test", { resolved: true })],
    ["0 gone@contoso.test failed 5.1.10"],
  ],
  [
    "resolved: the postmaster's Maildir",
    [recipient(0, "postmaster@contoso.test", { resolved: true })],
    ["0 postmaster@contoso.test > mailbox", "unchanged"],
  ],
  [
    "resolved: a group's address is no mailbox",
    [recipient(0, "team@contoso.test", { resolved: true })],
    ["0 team@contoso.test failed 5.1.10"],
  ],
];

for (const [why, recipients, want] of ROWS) {
  test(`resolve: ${why}`, async () => {
    assert.deepEqual(describe(await run(recipients)), want);
  });
}

test("resolve: a chain of forwardings ends", async () => {
  const within = describe(await run([recipient(0, "hop10@contoso.test")]));
  assert.equal(within[0], "0 hop30@contoso.test orcpt=hop10@contoso.test > mailbox");
  const past = describe(await run([recipient(0, "hop9@contoso.test")]));
  assert.equal(past[0], "0 hop29@contoso.test orcpt=hop9@contoso.test failed 5.4.6");
});
