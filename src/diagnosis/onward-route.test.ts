import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { address } from "../mail/address.fake.ts";
import { fakeDirectory } from "../org/directory.fake.ts";
import { plainOrganization, sampleMailbox } from "../org/sample-objects.fake.ts";
import { onwardSteps } from "./onward-route.ts";
import type { OnwardInquiry } from "./route-inquiry.ts";
import type { Step } from "./step.ts";

const CAROL = "carol@contoso.test";
const moderated = (name: string, moderator: string) =>
  sampleMailbox(name, { moderationEnabled: true, moderatedBy: [address(moderator)] });

async function explain(to: string, from = "ann@fabrikam.test"): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const inquiry: OnwardInquiry = {
    sender: address(from),
    recipients: [{ address: address(to), resolved: false }],
    messageBytes: 1000,
    origin: {
      source: "SMTP",
      connector: "",
      clientAddress: "192.0.2.1",
      clientName: "",
      serverAddress: "",
      directionality: "Originating",
      authAs: "Internal",
    },
    tlsNotRequired: false,
    resolveDns: false,
  };
  const recipients = [
    sampleMailbox(CAROL),
    moderated("boss@contoso.test", CAROL),
    moderated("lost@contoso.test", "gone@contoso.test"),
  ];
  const tools = {
    organization: plainOrganization(),
    directory: fakeDirectory(recipients),
    clock: fakeClock(),
    openSending: () => assert.fail("no hop is looked at"),
  };
  for await (const step of onwardSteps(inquiry, tools)) steps.push(step);
  return steps;
}

test("mail to a moderated recipient waits for its moderator, and that is no failure", async () => {
  const [resolution, ...steps] = await explain("boss@contoso.test");
  assert.equal(resolution?.verdict, "Pass");
  assert.equal(resolution.decision, "0 recipients go on, 1 for approval");
  const told = steps.map(({ name, verdict, decision }) => `${verdict} ${name}: ${decision}`);
  assert.deepEqual(told, [
    `Info Request for approval: ${CAROL}`,
    `Warning boss@contoso.test: waits for the approval of ${CAROL}`,
  ]);
});

test("without a moderator it comes back", async () => {
  const steps = await explain("lost@contoso.test");
  assert.equal(steps[0]?.verdict, "Fail");
  assert.match(steps.map(({ decision }) => decision).join("\n"), /APPROVAL\.NoModerator/);
});
