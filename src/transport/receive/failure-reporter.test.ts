import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { DAY } from "../../base/units.ts";
import { NO_DMARC } from "../../mailauth/sender-authentication.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import type { Submission } from "../queue/submission.ts";
import type { JudgedMessage } from "./dmarc-counts.ts";
import { FailureReporter } from "./failure-reporter.ts";
import { messageFailure } from "./judged-message.ts";

const HEADER = [
  "Received: from evil.test by x for <bob@contoso.test>; Mon, 1 Jan 2026 00:00:00 +0000",
  "From: =?utf-8?q?B=C3=B6b?= <boss@fabrikam.test>",
  "To: bob@contoso.test",
  "Subject: Our secret",
  "X-Mailer: s\u00fcspicious\r\n\tfolded",
  "",
  "Body of the message",
].join("\r\n");

function judged(changes: Partial<JudgedMessage["row"]> = {}, tags = ""): JudgedMessage {
  const facts = {
    found: {
      spf: { result: "fail", identity: "mailfrom", domain: "evil.test" },
      dkim: [{ result: "fail", domain: "fabrikam.test", selector: "s1", algorithm: "rsa-sha256" }],
      dmarc: { ...NO_DMARC, result: "fail", domain: "fabrikam.test" },
      arc: { result: "none" },
      iprev: { result: "pass" },
    },
    suspicions: [],
    remoteAddress: "192.0.2.1",
    sender: "",
    recipients: [],
  } as const;
  const results = "Authentication-Results: mail.contoso.test; dmarc=fail\r\n";
  const header = Buffer.from(HEADER);
  return {
    published: {
      domain: "fabrikam.test",
      record: `v=DMARC1; p=reject; ruf=mailto:dmarc@fabrikam.test${tags}`,
    },
    row: {
      ...{ sourceIp: "192.0.2.1", disposition: "reject", dkim: "fail", spf: "fail", reasons: [] },
      ...{ headerFrom: "fabrikam.test", envelopeFrom: "evil.test", dkimResults: [] },
      spfResult: undefined,
      ...changes,
    },
    failure: (arrivalMs) => messageFailure(facts, { results, header, arrivalMs }),
  };
}

function openBench(reporting = "{ failureReportsEnabled: true }") {
  const submitted: Submission[] = [];
  const clock = fakeClock();
  const organization = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
transportConfig: { dmarcReporting: ${reporting} }
`);
  const reporter = new FailureReporter({
    clock,
    diagnostics: silentDiagnostics,
    organization: () => organization,
    lookUpText: async (name) => ({
      kind: "texts",
      texts: name === "fabrikam.test" ? ["v=spf1 -all"] : [],
    }),
    queue: {
      submit: async (submission) => void submitted.push(submission),
      nextMessageId: () => submitted.length + 1,
    },
  });
  return { submitted, reporter, clock };
}

test("a failure is told with its header, without recipients, subject, trace and body", async () => {
  const { submitted, reporter } = openBench();
  await reporter.take(judged());
  const [submission] = submitted;
  assert.equal(submission?.recipients[0]?.address, "dmarc@fabrikam.test");
  assert.equal(submission.message.origin.isReport, true);
  const text = Buffer.concat(submission.content).toString("latin1");
  for (const line of [
    "Feedback-Type: auth-failure",
    "Auth-Failure: dmarc",
    "Authentication-Results: mail.contoso.test; dmarc=fail",
    "Identity-Alignment: dkim, spf",
    "DKIM-Domain: fabrikam.test",
    "DKIM-Selector: s1",
    'SPF-DNS: txt : fabrikam.test : "v=spf1 -all"',
    "Source-IP: 192.0.2.1",
    "Reported-Domain: fabrikam.test",
    "From: =?utf-8?q?B=C3=B6b?= <boss@fabrikam.test>",
    "X-Mailer: s??spicious",
    "\tfolded",
  ]) {
    assert.ok(text.includes(`\r\n${line}\r\n`), line);
  }
  assert.doesNotMatch(text, /bob@contoso|secret|Received|Body of/);
  assert.doesNotMatch(text, /[^\t\r\n -~]/);
});

for (const [why, message, reporting] of [
  ["they are switched off", judged(), "{}"],
  ["SPF passes for the domain", judged({ spf: "pass" }), undefined],
  ["the null sender", judged({ envelopeFrom: "" }), undefined],
  ["a public suffix asks", judged({}, "; psd=y"), undefined],
  ["only failures of DKIM are asked for", judged({}, "; fo=d"), undefined],
  ["it goes to somebody who has not agreed", judged({}, ",mailto:a@victim.test"), undefined],
] as const) {
  test(`no report: ${why}`, async () => {
    const { submitted, reporter } = openBench(reporting);
    await reporter.take(message);
    const to = submitted.flatMap(({ recipients }) => recipients.map(({ address }) => address));
    assert.deepEqual(to, why.includes("agreed") ? ["dmarc@fabrikam.test"] : []);
  });
}

test("one a day on each source, and ten on a domain", async () => {
  const { submitted, reporter, clock } = openBench();
  for (let index = 0; index < 30; index += 1) {
    await reporter.take(judged({ sourceIp: `192.0.2.${index >> 1}` }));
  }
  assert.equal(submitted.length, 10);
  clock.advance(DAY);
  await reporter.take(judged());
  assert.equal(submitted.length, 11);
});
