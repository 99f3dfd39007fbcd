import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "../../mail/address.ts";
import { HeaderScanner } from "../../mail/header.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import type { QuarantineType } from "../../store/quarantine-mark.ts";
import { sampleMessage } from "../../store/queue-contract.ts";
import { composeSubmission } from "./compose-submission.ts";

const MARKED = "X-MS-Exchange-Organization-Quarantine: Spam\r\n";
const STRIPPED: readonly HeaderEdit[] = [
  { kind: "remove", name: "X-MS-Exchange-Organization-Quarantine" },
];

function compose(type: QuarantineType, header: string, edits: readonly HeaderEdit[] = []) {
  const scanner = new HeaderScanner({ bytesMax: 10_000, fieldsMax: 100, localHosts: [] });
  scanner.write(Buffer.from(`Subject: x\r\n${header}\r\n`));
  const { envelope, origin } = sampleMessage(1);
  return composeSubmission(
    {
      networkMessageId: "n",
      internetMessageId: "<1@b.test>",
      envelope,
      recipients: [
        {
          address: "a@contoso.test" as Address,
          originalRecipient: undefined,
          notify: undefined,
          status: "",
        },
      ],
      header: scanner.summary(),
      edits,
      origin,
      receivedMs: 0,
      source: "SMTP",
      quarantine: { type, agent: "A", reason: "R" },
    },
    { contentId: 1, bytes: 1, content: [Buffer.from("x")], firstChunk: 0 },
    organizationOf("acceptedDomains: [{ name: contoso.test }]"),
  );
}

for (const [why, type, header, edits, want] of [
  ["an agent wants it", "Spam", "", [], true],
  ["a server that we trust has let it out", "Spam", MARKED, [], false],
  ["a stranger says so", "Spam", MARKED, STRIPPED, true],
  ["it was let out, and there is malware in it", "Malware", MARKED, [], true],
] as const) {
  test(`quarantine: ${why}`, () => {
    assert.equal(compose(type, header, edits).quarantine !== undefined, want);
  });
}
