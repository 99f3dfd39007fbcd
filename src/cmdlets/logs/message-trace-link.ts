import { DAY, HOUR } from "../../base/units.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import {
  defaultedParameter,
  optionalParameter,
  requiredParameter,
  switchParameter,
} from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { isNetworkMessageId } from "../../logs/story-link.ts";
import { line, span } from "../../org/settings/setting-types.ts";
import { isoDate, SEARCH_CHARACTERS_MAX, TRACKING_READERS } from "./tracking-run.ts";
import type { TrackingServices } from "./tracking-services.ts";

const LIFETIME_MAX_MS = 30 * DAY;

/** Who may show a story to people without an account: those who may change something here. */
const PUBLISHERS: readonly RoleGroup[] = [
  "Server Management",
  "Recipient Management",
  "Records Management",
];

const MESSAGE_TRACE_LINK = {
  name: "MessageTraceLink",
  properties: {
    Path: { kind: "text", doc: "The link, from the root of the server's HTTPS address." },
    ExpirationDate: { kind: "date", doc: "From when on it shows nothing." },
    Anonymous: { kind: "boolean", doc: "Whether it can be read without logging in." },
    MessageTraceId: { kind: "text", doc: "The message." },
    RecipientAddress: { kind: "text", doc: "The only recipient that it tells of, if any." },
  },
  table: ["Path", "ExpirationDate", "Anonymous"],
} as const satisfies OutputType;

/** A link to one story. */
export const newMessageTraceLink = defineCmdlet({
  name: "New-MessageTraceLink",
  summary: "Makes a link to the story of one message, to be shared.",
  notes: [
    "The link is signed with this server's key, is good until it expires, and cannot be called " +
      "back before. It shows that one story as it is at that moment, and never a subject.",
    "Whoever opens it must log in, with any role. With -Anonymous the link is enough: it shows " +
      "addresses and the words of other servers to whoever has it.",
  ],
  roles: [...TRACKING_READERS, "Help Desk"],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command:
        "New-MessageTraceLink 6d1f… -RecipientAddress bob@fabrikam.com -ExpiresAfter 1.00:00:00",
      doc: "For a colleague, for a day.",
    },
  ],
  parameters: {
    MessageTraceId: requiredParameter(
      line({ max: 36 }),
      "The GUID that all copies of the message keep, as Get-MessageTrace shows it.",
      { position: 0, pipeline: "property" },
    ),
    RecipientAddress: optionalParameter(
      line({ max: SEARCH_CHARACTERS_MAX }),
      "Shows only what concerns this recipient.",
      { pipeline: "property" },
    ),
    ExpiresAfter: defaultedParameter(
      span({ min: HOUR / 60, max: LIFETIME_MAX_MS }),
      "7.00:00:00",
      "How long it is good.",
    ),
    Anonymous: switchParameter("Lets it be read without logging in.", { roles: PUBLISHERS }),
  },
  output: MESSAGE_TRACE_LINK,
  async *run({ services, clock, changed, signal }: Invocation<TrackingServices>, input) {
    const { messageTraceId, recipientAddress: recipient, anonymous: isAnonymous } = input;
    if (!isNetworkMessageId(messageTraceId)) {
      const hint = `${messageTraceId} is not a message's id; Get-MessageTrace shows it`;
      throw new CmdletFault("bad-parameter", hint, { parameter: "MessageTraceId" });
    }
    const query = { networkMessageIds: [messageTraceId] };
    const search = services.tracking.log.search(query, { order: "newestFirst", signal });
    let isKnown = false;
    for await (const { records } of search) {
      isKnown = records.length > 0;
      if (isKnown) break;
    }
    if (!isKnown) {
      const hint = `the tracking log has no message ${messageTraceId}`;
      throw new CmdletFault("not-found", hint, { parameter: "MessageTraceId" });
    }
    const expiresMs = clock.nowMs() + input.expiresAfterMs;
    const link = { networkMessageId: messageTraceId, recipient, expiresMs, isAnonymous };
    const shown = {
      ExpirationDate: isoDate(expiresMs),
      Anonymous: isAnonymous,
      MessageTraceId: messageTraceId,
      RecipientAddress: recipient ?? null,
    };
    // Without the path: who reads the audit log is not thereby shown the story.
    changed({ object: `MessageTraceLink ${messageTraceId}`, after: shown });
    yield { Path: services.tracking.linkPath(link), ...shown };
  },
});
