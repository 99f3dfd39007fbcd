import { DAY, HOUR } from "../../base/units.ts";
import { defineCmdlet, type Invocation, type Plan } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import {
  defaultedParameter,
  optionalParameter,
  requiredParameter,
  switchParameter,
} from "../../cmdlet/parameter.ts";
import { isInRole, type RoleGroup } from "../../cmdlet/role-group.ts";
import { isNetworkMessageId, type KeptLink, STORY_LINKS_MAX } from "../../logs/story-links.ts";
import { line, listOf, span } from "../../org/settings/setting-types.ts";
import { isoDate, SEARCH_CHARACTERS_MAX, TRACKING_READERS } from "./tracking-run.ts";
import type { TrackingServices } from "./tracking-services.ts";

const LIFETIME_MAX_MS = 30 * DAY;

/** Who may show a story to people without an account: those who may change something here. */
const PUBLISHERS: readonly RoleGroup[] = [
  "Server Management",
  "Recipient Management",
  "Records Management",
];

const MAKERS: readonly RoleGroup[] = [...TRACKING_READERS, "Help Desk"];

const LINK_PROPERTIES = {
  Identity: { kind: "text", doc: "Names the link; nobody opens it with that." },
  ExpirationDate: { kind: "date", doc: "From when on it shows nothing." },
  Anonymous: { kind: "boolean", doc: "Whether it can be read without logging in." },
  MessageTraceId: { kind: "text", doc: "The message." },
  RecipientAddress: { kind: "text", doc: "The only recipient that it tells of, if any." },
  CreatedBy: { kind: "text", doc: "Who made it." },
  WhenCreated: { kind: "date", doc: "When it was made." },
} as const;

const MESSAGE_TRACE_LINK = {
  name: "MessageTraceLink",
  properties: LINK_PROPERTIES,
  table: ["Identity", "MessageTraceId", "CreatedBy", "ExpirationDate", "Anonymous"],
} as const satisfies OutputType;

const NEW_MESSAGE_TRACE_LINK = {
  name: "NewMessageTraceLink",
  properties: {
    Path: {
      kind: "text",
      doc: "The link, from the root of the server's HTTPS address; shown this once.",
    },
    ...LINK_PROPERTIES,
  },
  table: ["Path", "ExpirationDate", "Anonymous"],
} as const satisfies OutputType;

type Run = Invocation<TrackingServices>;

/** A link to one story. */
export const newMessageTraceLink = defineCmdlet({
  name: "New-MessageTraceLink",
  summary: "Makes a link to the story of one message, to be shared.",
  notes: [
    "The link is good until it expires or Remove-MessageTraceLink calls it back. It shows that " +
      "one story as it is at that moment, and never a subject.",
    "Whoever opens it must log in, with any role. With -Anonymous the link is enough: it shows " +
      "addresses and the words of other servers to whoever has it.",
  ],
  roles: MAKERS,
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
  output: NEW_MESSAGE_TRACE_LINK,
  async *run({ services, caller, clock, changed, signal }: Run, input) {
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
    const made = await services.tracking.links.make({
      networkMessageId: messageTraceId,
      ...{ recipient, isAnonymous, createdBy: caller.name },
      expiresMs: clock.nowMs() + input.expiresAfterMs,
    });
    if (made === undefined) {
      const text = `there are ${STORY_LINKS_MAX} links already; Remove-MessageTraceLink makes room`;
      throw new CmdletFault("not-allowed-now", text);
    }
    const shown = linkOutput(made.link);
    // Without the path: who reads the audit log is not thereby shown the story.
    changed({ object: `MessageTraceLink ${messageTraceId}`, after: shown });
    yield { Path: services.tracking.linkPath(made.reference), ...shown };
  },
});

/** The links that are good. */
export const getMessageTraceLink = defineCmdlet({
  name: "Get-MessageTraceLink",
  summary: "Shows which links to stories are good, and who made them; not the links themselves.",
  roles: MAKERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: 'Get-MessageTraceLink -Filter "Anonymous -eq $true"', doc: "Open to anyone." },
  ],
  parameters: pagingParameters(MESSAGE_TRACE_LINK),
  output: MESSAGE_TRACE_LINK,
  async *run({ services, clock, warn }: Run, paging) {
    const all = services.tracking.links.all().map(linkOutput);
    const page = selectPage(all, paging, { nowMs: clock.nowMs() });
    yield* page.items;
    if (page.hasMore) warn(moreResultsWarning(paging.resultSize));
  },
});

/** Calls links back. */
export const removeMessageTraceLink = defineCmdlet({
  name: "Remove-MessageTraceLink",
  summary: "Calls links to stories back: from now on they show nothing.",
  notes: [
    `One's own links; those of others for ${PUBLISHERS.join(", ")} and Organization Management.`,
  ],
  roles: MAKERS,
  effect: "changes",
  confirmation: "asks",
  examples: [
    {
      command: 'Get-MessageTraceLink -Filter "CreatedBy -eq tess" | Remove-MessageTraceLink',
      doc: "All that Tess has made, in the shell.",
    },
  ],
  parameters: {
    Identity: requiredParameter(
      listOf(line({ max: 64 }), { min: 1, max: STORY_LINKS_MAX }),
      "The links, as Get-MessageTraceLink has them.",
      { position: 0, pipeline: "property" },
    ),
  },
  output: MESSAGE_TRACE_LINK,
  async plan(run: Run, { identity }): Promise<Plan> {
    const links = removable(run, identity);
    const actions = links.map(({ networkMessageId, createdBy }) => {
      return `Remove the link of ${createdBy} to message ${networkMessageId}`;
    });
    return { actions: actions.slice(0, 20), count: links.length };
  },
  async *run(run: Run, { identity }) {
    const links = removable(run, identity);
    await run.services.tracking.links.remove(links.map(({ id }) => id));
    for (const link of links) {
      const object = `MessageTraceLink ${link.networkMessageId}`;
      run.changed({ object, before: linkOutput(link) });
    }
  },
});

function removable({ services, caller }: Run, identities: readonly string[]): readonly KeptLink[] {
  const all = services.tracking.links.all();
  return [...new Set(identities)].map((identity) => {
    const link = all.find(({ id }) => id === identity.toLowerCase());
    if (link === undefined) {
      const text = `there is no link "${identity}"; Get-MessageTraceLink lists them`;
      throw new CmdletFault("not-found", text, { parameter: "Identity" });
    }
    if (link.createdBy === caller.name || isInRole(caller, PUBLISHERS)) return link;
    const text = `the link was made by ${link.createdBy}; you may remove your own`;
    throw new CmdletFault("forbidden", text, { parameter: "Identity" });
  });
}

function linkOutput(link: KeptLink): OutputOf<typeof MESSAGE_TRACE_LINK> {
  return {
    Identity: link.id,
    ExpirationDate: isoDate(link.expiresMs),
    Anonymous: link.isAnonymous,
    MessageTraceId: link.networkMessageId,
    RecipientAddress: link.recipient ?? null,
    CreatedBy: link.createdBy,
    WhenCreated: isoDate(link.createdMs),
  };
}
