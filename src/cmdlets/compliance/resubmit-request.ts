import { type Cmdlet, defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { type Moment, momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import { pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { address, bool, integer, line } from "../../org/settings/setting-types.ts";
import { RESUBMIT_REQUEST, resubmitInfo } from "./resubmit-output.ts";
import type { ComplianceServices } from "./services.ts";

type Run = Invocation<ComplianceServices>;

const CHANGERS: readonly RoleGroup[] = ["Server Management"];
const MESSAGE_ID_MAX = 998;
const IDENTITY_MAX = Number.MAX_SAFE_INTEGER;

const identity = requiredParameter(
  integer({ min: 0, max: IDENTITY_MAX }),
  "The request's number, as Get-ResubmitRequest shows it.",
  { position: 0, completion: "ResubmitRequest", pipeline: "property" },
);

/** Add-ResubmitRequest. */
const addRequest = defineCmdlet({
  name: "Add-ResubmitRequest",
  summary: "Delivers once more what was delivered in a time, out of the Safety Net.",
  notes: [
    "The Safety Net has what was delivered while SafetyNetHoldTime of Set-TransportConfig was " +
      "not 0, for that long.",
    "A mailbox here that still has a message, read or not, does not get it twice. Next hops get " +
      "it again: say -Destination or -Recipient where others than the one that lost mail are " +
      "concerned. Groups, forwarding, rules and journaling are not repeated, and nobody gets a " +
      "notice of what cannot be delivered.",
    "It goes on in the server, after a restart too.",
  ],
  roles: CHANGERS,
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command:
        "Add-ResubmitRequest -StartTime 2026-11-20T06:00:00Z -EndTime 2026-11-20T09:00:00Z " +
        "-Recipient alice@contoso.test",
      doc: "Alice's mailbox has lost what came in these hours.",
    },
    {
      command:
        "Add-ResubmitRequest -StartTime -2h -EndTime now -Destination contoso.test " +
        "-ResubmitTo archive@contoso.test",
      doc: "A copy of each message of the last two hours, for one mailbox.",
    },
  ],
  parameters: {
    StartTime: requiredParameter(momentType(), "Messages delivered from then on."),
    EndTime: requiredParameter(momentType(), "Messages delivered before then."),
    Recipient: optionalParameter(address(), "Only this recipient: the address delivered to."),
    Sender: optionalParameter(address(), "Only messages of this sender."),
    MessageId: optionalParameter(
      line({ max: MESSAGE_ID_MAX }),
      "Only the message with this Message-ID, with its angle brackets.",
    ),
    Destination: optionalParameter(
      line({ max: 320 }),
      "Only what went to this next hop: NextHopDomain of its queue.",
    ),
    ResubmitTo: optionalParameter(
      address(),
      "Who gets the messages in place of their recipients, each once: a mailbox, or anybody " +
        "outside.",
    ),
  },
  output: RESUBMIT_REQUEST,
  async plan(run: Run, input) {
    const { startMs, endMs } = spanOf(run, input);
    const [from, to] = [startMs, endMs].map((atMs) => new Date(atMs).toISOString());
    return { actions: [`Resubmit what was delivered from ${from} to ${to}`], count: 1 };
  },
  async *run(run: Run, input) {
    const { services, caller, changed, warn } = run;
    const { startMs, endMs } = spanOf(run, input);
    const { safetyNetHoldTimeMs } = services.organization.organization.transportConfig;
    if (safetyNetHoldTimeMs === 0) {
      warn("the Safety Net is switched off: set SafetyNetHoldTime with Set-TransportConfig");
    }
    const { recipient, sender, messageId, destination, resubmitTo } = input;
    const made = await services.resubmissions.add({
      ...{ startMs, endMs, recipient, sender, messageId, destination, resubmitTo },
      by: caller.name,
      enabled: true,
    });
    const shown = resubmitInfo(made);
    changed({ object: `ResubmitRequest ${made.request.id}`, after: shown });
    yield shown;
  },
});

/** Get-ResubmitRequest. */
const getRequest = defineCmdlet({
  name: "Get-ResubmitRequest",
  summary: "Shows requests to deliver messages once more, and how far they have come.",
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-ResubmitRequest", doc: "All of the last 90 days, newest first." }],
  parameters: {
    Identity: optionalParameter(integer({ min: 0, max: IDENTITY_MAX }), "The request's number.", {
      position: 0,
    }),
    ...pagingParameters(RESUBMIT_REQUEST),
  },
  output: RESUBMIT_REQUEST,
  async *run({ services, clock }: Run, input) {
    const all = await services.resubmissions.list();
    const found = all.filter(({ request }) => [undefined, request.id].includes(input.identity));
    if (found.length === 0 && input.identity !== undefined) throw missing(input.identity);
    yield* selectPage(found.map(resubmitInfo), input, { nowMs: clock.nowMs() }).items;
  },
});

/** Set-ResubmitRequest. */
const setRequest = defineCmdlet({
  name: "Set-ResubmitRequest",
  summary: "Has a request wait where it is, or go on.",
  roles: CHANGERS,
  effect: "changes",
  confirmation: "none",
  examples: [{ command: "Set-ResubmitRequest 17 -Enabled $false", doc: "It waits." }],
  parameters: {
    Identity: identity,
    Enabled: requiredParameter(bool(), "Whether it goes on."),
  },
  output: RESUBMIT_REQUEST,
  async *run({ services, changed }: Run, { identity: id, enabled }) {
    const status = await services.resubmissions.switch(id, enabled ? "on" : "off");
    if (status === undefined) throw missing(id);
    changed({ object: `ResubmitRequest ${id}`, after: { Enabled: enabled } });
    yield resubmitInfo(status);
  },
});

/** Remove-ResubmitRequest. */
const removeRequest = defineCmdlet({
  name: "Remove-ResubmitRequest",
  summary: "Ends a request and forgets it; what it has resubmitted stays so.",
  roles: CHANGERS,
  effect: "changes",
  confirmation: "asks",
  examples: [{ command: "Remove-ResubmitRequest 17", doc: "It asks first." }],
  parameters: { Identity: identity },
  output: RESUBMIT_REQUEST,
  async plan(_run: Run, { identity: id }) {
    return { actions: [`Remove ResubmitRequest ${id}`], count: 1 };
  },
  async *run({ services, changed }: Run, { identity: id }) {
    const [found] = (await services.resubmissions.list()).filter(
      ({ request }) => request.id === id,
    );
    if (found === undefined || !(await services.resubmissions.remove(id))) throw missing(id);
    const shown = resubmitInfo(found);
    changed({ object: `ResubmitRequest ${id}`, before: shown });
    yield shown;
  },
});

/** The cmdlets of the Safety Net. */
export const RESUBMIT_CMDLETS: readonly Cmdlet<ComplianceServices>[] = [
  addRequest,
  getRequest,
  removeRequest,
  setRequest,
];

/** Nothing is delivered in the future: what comes later is another request's. */
function spanOf(
  { clock }: Run,
  { startTime, endTime }: { readonly startTime: Moment; readonly endTime: Moment },
): { readonly startMs: number; readonly endMs: number } {
  const nowMs = clock.nowMs();
  const startMs = momentMs(startTime, nowMs);
  const endMs = Math.min(momentMs(endTime, nowMs), nowMs);
  if (startMs < endMs) return { startMs, endMs };
  const text = "EndTime must be after StartTime, and StartTime in the past";
  throw new CmdletFault("bad-parameter", text, { parameter: "EndTime" });
}

function missing(id: number): CmdletFault {
  const text = `there is no resubmit request ${id}; Get-ResubmitRequest lists all`;
  return new CmdletFault("not-found", text, { parameter: "Identity" });
}
