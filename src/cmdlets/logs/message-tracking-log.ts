import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import { RESULT_SIZE_DEFAULT } from "../../cmdlet/paging.ts";
import { defaultedParameter, optionalParameter } from "../../cmdlet/parameter.ts";
import { addressPattern, partPattern, wildcardPattern } from "../../logs/text-pattern.ts";
import { TRACKING_EVENT_IDS, TRACKING_SOURCES } from "../../logs/tracking-names.ts";
import type { TrackingQuery } from "../../logs/tracking-query.ts";
import type { TrackingRecord } from "../../logs/tracking-record.ts";
import { integer, line, listOf, oneOf } from "../../org/settings/setting-types.ts";
import { MESSAGE_TRACKING_EVENT, trackingEventOutput } from "./message-tracking-event.ts";
import {
  checkServer,
  checkTimes,
  SEARCH_CHARACTERS_MAX,
  TRACKING_READERS,
  tellProgress,
} from "./tracking-run.ts";
import type { TrackingServices } from "./tracking-services.ts";

/** Events that are gathered before they are put out; more are put out as they are found. */
const GATHERED_MAX = 20_000;
const RECIPIENTS_MAX = 100;

const text = () => line({ max: SEARCH_CHARACTERS_MAX });

const PARAMETERS = {
  Server: optionalParameter(text(), "The server whose log it is; only this one's can be had here."),
  Start: optionalParameter(momentType(), "Events from this time on."),
  End: optionalParameter(momentType(), "Events before this time."),
  EventId: optionalParameter(
    listOf(oneOf(TRACKING_EVENT_IDS), { max: TRACKING_EVENT_IDS.length }),
    "What happened; any of them.",
  ),
  Source: optionalParameter(
    listOf(oneOf(TRACKING_SOURCES), { max: TRACKING_SOURCES.length }),
    "The part of the server that tells of it; any of them.",
  ),
  Sender: optionalParameter(
    text(),
    "Sender or return path: an address, a pattern with * and ?, @domain, or a part of it.",
  ),
  Recipients: optionalParameter(
    listOf(text(), { max: RECIPIENTS_MAX }),
    "Recipients, or what they were before they were resolved; any of them. As Sender.",
  ),
  MessageId: optionalParameter(text(), "Message-ID, with or without <>; may have * and ?.", {
    pipeline: "property",
  }),
  InternalMessageId: optionalParameter(text(), "The message's number on this server."),
  NetworkMessageId: optionalParameter(text(), "The GUID that all copies of a message keep.", {
    pipeline: "property",
  }),
  MessageSubject: optionalParameter(text(), "A part of the subject; may have * and ?."),
  Reference: optionalParameter(text(), "Another message's id; may have * and ?."),
  TransportTrafficType: optionalParameter(text(), "Email."),
  ResultSize: defaultedParameter(
    integer({ min: 1, max: 250_000, unlimited: true }),
    String(RESULT_SIZE_DEFAULT),
    "The most events to put out, the latest that fit. Above 20000, and with Unlimited, the " +
      "search begins with the oldest.",
  ),
};

/** Events of the tracking log. */
export const getMessageTrackingLog = defineCmdlet({
  name: "Get-MessageTrackingLog",
  summary: "Shows events of the message tracking log.",
  notes: [
    "Every condition that is given must hold; case never matters. Events are shown in the order " +
      "of time.",
    "Whole addresses, @domains, message ids and client addresses are found by the index; " +
      "anything else reads the log between Start and End.",
  ],
  roles: TRACKING_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Get-MessageTrackingLog -Sender alice@contoso.com -Start -2h",
      doc: "What happened to Alice's messages in the last two hours.",
    },
    {
      command: "Get-MessageTrackingLog -EventId FAIL -Recipients *@fabrikam.com -Start -1d",
      doc: "What failed for a domain since yesterday.",
    },
  ],
  parameters: PARAMETERS,
  output: MESSAGE_TRACKING_EVENT,
  async *run(invocation: Invocation<TrackingServices>, input) {
    const { services, clock, signal, warn } = invocation;
    const { resultSize } = input;
    checkServer(invocation, input.server);
    const nowMs = clock.nowMs();
    const startMs = input.start && momentMs(input.start, nowMs);
    const endMs = input.end && momentMs(input.end, nowMs);
    checkTimes(startMs, endMs, "End");
    const query: TrackingQuery = {
      ...(startMs !== undefined && { startMs }),
      ...(endMs !== undefined && { endMs }),
      ...(input.eventId && { eventIds: input.eventId }),
      ...(input.source && { sources: input.source }),
      ...(input.sender !== undefined && { sender: addressPattern(input.sender) }),
      ...(input.recipients && { recipients: input.recipients.map(addressPattern) }),
      ...(input.messageId !== undefined && { messageId: wildcardPattern(input.messageId) }),
      ...(input.internalMessageId !== undefined && {
        internalMessageId: input.internalMessageId,
      }),
      ...(input.networkMessageId !== undefined && {
        networkMessageIds: [input.networkMessageId],
      }),
      ...(input.messageSubject !== undefined && { subject: partPattern(input.messageSubject) }),
      ...(input.reference !== undefined && { reference: wildcardPattern(input.reference) }),
      ...(input.transportTrafficType !== undefined && {
        trafficType: input.transportTrafficType,
      }),
    };
    const order = resultSize > GATHERED_MAX ? "oldestFirst" : "newestFirst";
    const gathered: TrackingRecord[] = [];
    let count = 0;
    for await (const batch of services.tracking.log.search(query, { order, signal })) {
      tellProgress(invocation, batch);
      const room = Math.max(0, resultSize - count);
      count += batch.records.length;
      const records = batch.records.slice(0, room);
      if (order === "newestFirst") gathered.push(...records);
      else for (const record of records) yield trackingEventOutput(record);
      if (count > resultSize) break;
    }
    const inTime = gathered.reverse().sort((left, right) => left.atMs - right.atMs);
    for (const record of inTime) yield trackingEventOutput(record);
    if (count > resultSize) warn(moreEventsWarning(resultSize, order === "newestFirst"));
  },
});

function moreEventsWarning(resultSize: number, isLatest: boolean): string {
  const which = isLatest ? "latest" : "oldest";
  return (
    `There are more events than these ${resultSize}, the ${which} ones; ` +
    "-Start and -End narrow them down, -ResultSize takes a larger number or Unlimited."
  );
}
