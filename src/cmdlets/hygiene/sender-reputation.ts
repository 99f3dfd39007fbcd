import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputObject, OutputType } from "../../cmdlet/output-type.ts";
import { moreResultsWarning, pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { ipAddress } from "../../org/settings/network-types.ts";
import { reputationLevel } from "../../transport/hygiene/reputation-level.ts";
import type { KnownSource } from "../../transport/hygiene/reputation-table.ts";
import type { HygieneServices } from "./services.ts";

const OUTPUT = {
  name: "SenderReputation",
  table: ["Source", "SenderReputationLevel", "Messages", "BlockedUntil", "Reasons"],
  properties: {
    Source: { kind: "text", doc: "An IPv4 address, or an IPv6 network of 64 bits." },
    SenderReputationLevel: { kind: "number", doc: "0: nothing is known against it; 9: worst." },
    Reasons: { kind: "list", doc: "What the level is made of: each with its points." },
    BlockedUntil: { kind: "date", doc: "Until when it is on the IP Block list; empty: it is not." },
    Messages: { kind: "number", doc: "Messages of the last days; each day halves all counts." },
    RatedMessages: { kind: "number", doc: "Of these: those that a content filter has rated." },
    SpamMessages: { kind: "number", doc: "Of these: with a confidence level of 5 or more." },
    UnauthenticatedMessages: { kind: "number", doc: "SPF or DMARC has failed." },
    NamelessMessages: { kind: "number", doc: "The client had no name that leads back to it." },
    OddHelloMessages: { kind: "number", doc: "HELO or EHLO with what is no full name." },
    OwnHelloMessages: { kind: "number", doc: "HELO or EHLO with a name of ours." },
    HelloNames: { kind: "number", doc: "Different names in HELO and EHLO, about; 16 at most." },
    UnknownRecipients: { kind: "number", doc: "Recipients that nobody has." },
    Refused: { kind: "number", doc: "Commands and messages that were refused by policy." },
  },
} as const satisfies OutputType;

/** Get-SenderReputation: ours, Exchange shows nobody why. */
export const getSenderReputation = defineCmdlet({
  name: "Get-SenderReputation",
  summary: "Shows what is known of sources of strangers' mail, and what their level comes from.",
  notes: [
    "A source is rated from 20 messages, refusals and unknown recipients on. Its level is the " +
      "sum of the points in Reasons, rounded. A source that is blocked begins anew.",
    "What is known is kept in memory: a restart forgets it, but not who is blocked.",
  ],
  roles: ["Hygiene Management", "Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-SenderReputation -IPAddress 192.0.2.7 | Format-List", doc: "Why it is so." },
    {
      command: 'Get-SenderReputation -Filter "SenderReputationLevel -ge 5" -ResultSize 20',
      doc: "The worst.",
    },
  ],
  parameters: {
    IPAddress: optionalParameter(ipAddress(), "Only the source of this address.", { position: 0 }),
    ...pagingParameters(OUTPUT),
  },
  output: OUTPUT,
  async *run(
    { services, clock, warn }: Invocation<HygieneServices>,
    { iPAddress, filter, sortOrder, resultSize },
  ) {
    const { hygiene } = services;
    const known =
      iPAddress === undefined ? [...hygiene.sources()] : [hygiene.source(iPAddress) ?? []].flat();
    const shown = known.map(show).toSorted((one, other) => levelOf(other) - levelOf(one));
    const page = selectPage(shown, { filter, sortOrder, resultSize }, { nowMs: clock.nowMs() });
    yield* page.items;
    if (page.hasMore) warn(moreResultsWarning(resultSize));
  },
});

function levelOf(shown: OutputObject): number {
  return Number(shown["SenderReputationLevel"]);
}

function show({ source, profile, blockedUntilMs, blockedLevel }: KnownSource) {
  const { level, reasons } = reputationLevel(profile);
  const round = (count: number) => Math.round(count * 10) / 10;
  return {
    Source: source,
    SenderReputationLevel: blockedUntilMs > 0 ? blockedLevel : level,
    Reasons: reasons.map(({ text, points }) => `${text}: ${points.toFixed(1)}`),
    BlockedUntil: blockedUntilMs > 0 ? new Date(blockedUntilMs).toISOString() : null,
    Messages: round(profile.messages),
    RatedMessages: round(profile.rated),
    SpamMessages: round(profile.spam),
    UnauthenticatedMessages: round(profile.unauthenticated),
    NamelessMessages: round(profile.nameless),
    OddHelloMessages: round(profile.oddHello),
    OwnHelloMessages: round(profile.ownHello),
    HelloNames: profile.helloNames,
    UnknownRecipients: round(profile.unknownRecipients),
    Refused: round(profile.refused),
  };
}
