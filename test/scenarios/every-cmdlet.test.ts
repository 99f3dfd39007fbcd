import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_CMDLETS } from "../../src/management/all-cmdlets.ts";
import { openEveryBench } from "../harness/every-bench.ts";
import { ACCESS_ROWS } from "./rows/access-rows.ts";
import { CERTIFICATE_ROWS } from "./rows/certificate-rows.ts";
import { COMPLIANCE_ROWS } from "./rows/compliance-rows.ts";
import { DIAGNOSIS_ROWS } from "./rows/diagnosis-rows.ts";
import { FIGURE_ROWS } from "./rows/figure-rows.ts";
import { HYGIENE_ROWS } from "./rows/hygiene-rows.ts";
import { LOG_ROWS } from "./rows/log-rows.ts";
import { CONFIGURATION_ROWS, ORGANIZATION_ROWS } from "./rows/organization-rows.ts";
import { QUARANTINE_ROWS } from "./rows/quarantine-rows.ts";
import { QUEUE_ROWS } from "./rows/queue-rows.ts";
import { RECIPIENT_ROWS } from "./rows/recipient-rows.ts";
import { RULE_ROWS } from "./rows/rule-rows.ts";
import { SCANNER_ROWS } from "./rows/scanner-rows.ts";
import { SERVER_ROWS } from "./rows/server-rows.ts";

const ALL_ROWS = [
  ...QUEUE_ROWS,
  ...QUARANTINE_ROWS,
  ...COMPLIANCE_ROWS,
  ...LOG_ROWS,
  ...DIAGNOSIS_ROWS,
  ...FIGURE_ROWS,
  ...CERTIFICATE_ROWS,
  ...HYGIENE_ROWS.flat(),
  ...SCANNER_ROWS.flat(),
  ...ORGANIZATION_ROWS.flat(),
  ...CONFIGURATION_ROWS,
  ...RECIPIENT_ROWS.flat(),
  ...RULE_ROWS,
  ...ACCESS_ROWS,
  ...SERVER_ROWS,
];

test("every cmdlet has a row: it is run through the command line and through REST", () => {
  const names = new Set(ALL_ROWS.map(({ cmdlet }) => cmdlet));
  const missing = ALL_CMDLETS.all.filter(({ name }) => !names.has(name));
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
    "without a row in test/scenarios/rows",
  );
});

/** What some reads cannot be asked without. */
const REQUIRED: Readonly<Record<string, object>> = {
  "Get-AppPassword": { Mailbox: "alice" },
  "Get-DistributionGroupMember": { Identity: "team" },
  "Get-MailTrafficTopReport": { Category: "TopSender" },
  "Get-MessageTraceDetail": { MessageId: "relayed@contoso.test" },
};

test("a generated client can read everything that can be read", async (t) => {
  const { client } = await openEveryBench(t);
  assert.ok(client.reads.length > 30);
  // The stream of events has no end; a token has no account; which message waits, rows know; the
  // organization's sign-in and stories are for browsers.
  const others = /^(?:events|account|Get-MessageHeader|\w+OrganizationSignIn|story)$/;
  for (const name of client.reads.filter((one) => !others.test(one))) {
    const { status, body } = await client.ask(name, { ...REQUIRED[name] });
    assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
  }
});
