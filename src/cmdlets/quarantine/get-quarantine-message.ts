import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { compileFilter } from "../../cmdlet/filter-match.ts";
import { type Moment, momentMs } from "../../cmdlet/filter-value.ts";
import { momentType } from "../../cmdlet/moment-type.ts";
import { putOutResults } from "../../cmdlet/ordered-results.ts";
import { defaultedParameter, type InputOf, optionalParameter } from "../../cmdlet/parameter.ts";
import { pageParameters } from "../../cmdlet/result-page.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { integer, line, listOf, oneOf } from "../../org/settings/setting-types.ts";
import { QUARANTINE_TYPES } from "../../store/quarantine-mark.ts";
import { type HeldSearch, heldResults } from "./held-results.ts";
import { findMessage, formatIdentity, identityParameter } from "./identity.ts";
import {
  directionOf,
  QUARANTINE_MESSAGE,
  type QuarantineMessage,
  quarantineMessage,
  quarantineProperties,
} from "./quarantine-output.ts";
import type { KeptMessage, QuarantineServices } from "./services.ts";

const PAGE_MAX = 1000;
const PAGE_SIZE_DEFAULT = 100;
const PATTERNS_MAX = 100;
const CHARACTERS_MAX = 320;

const patterns = () => listOf(line({ max: CHARACTERS_MAX }), { max: PATTERNS_MAX });

const PARAMETERS = {
  Identity: identityParameter({ excludes: ["Filter", "Page", "PageSize", "ResultSize"] }),
  SenderAddress: optionalParameter(
    patterns(),
    "Senders, of the envelope or in From; any of them. Each may have * and ?.",
  ),
  RecipientAddress: optionalParameter(
    patterns(),
    "Recipients from whom it is kept; any of them. Each may have * and ?.",
  ),
  Domain: optionalParameter(patterns(), "Domains of sender or recipients; any of them."),
  Subject: optionalParameter(
    line({ max: CHARACTERS_MAX }),
    "A part of the subject; with * or ? in it, the whole of it.",
  ),
  MessageId: optionalParameter(
    line({ max: 1000 }),
    "The Message-ID field, with or without its angle brackets.",
  ),
  Type: optionalParameter(oneOf(QUARANTINE_TYPES), "What has brought it there.", {
    excludes: ["QuarantineTypes"],
  }),
  QuarantineTypes: optionalParameter(
    listOf(oneOf(QUARANTINE_TYPES), { max: QUARANTINE_TYPES.length }),
    "The same, any of several.",
  ),
  PolicyName: optionalParameter(
    line({ max: CHARACTERS_MAX }),
    "The rule or policy that has; may have * and ?.",
  ),
  Direction: optionalParameter(
    oneOf(["Inbound", "Outbound"]),
    "Whether it came in, or its sender has logged on here.",
  ),
  StartReceivedDate: optionalParameter(momentType(), "Received from this time on."),
  EndReceivedDate: optionalParameter(momentType(), "Received before this time."),
  StartExpiresDate: optionalParameter(momentType(), "Removed from this time on."),
  EndExpiresDate: optionalParameter(momentType(), "Removed before this time."),
  ...pageParameters(QUARANTINE_MESSAGE),
  Page: defaultedParameter(
    integer({ min: 1, max: PAGE_MAX }),
    "1",
    "Which page of the results to put out.",
    { excludes: ["ResultSize", "BookmarkIndex", "BookmarkObject"] },
  ),
  PageSize: defaultedParameter(
    integer({ min: 1, max: PAGE_MAX }),
    String(PAGE_SIZE_DEFAULT),
    "Results on a page.",
    { excludes: ["ResultSize", "BookmarkIndex", "BookmarkObject"] },
  ),
};

type Input = InputOf<typeof PARAMETERS>;

/** Get-QuarantineMessage. */
export const getQuarantineMessage = defineCmdlet({
  name: "Get-QuarantineMessage",
  summary: "Shows the messages in quarantine, and why they are there; the newest first.",
  notes: [
    "Every condition that is given must hold; case never matters. A message has the recipients " +
      "from whom it is still kept; one that was released to all of them is gone from here: " +
      "Get-QuarantineMessageHistory tells of it.",
    "-Page and -PageSize count as in Exchange Online; -ResultSize, -SortOrder and the bookmark " +
      "page through any number of results, as Get-Message does.",
  ],
  roles: ["Hygiene Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Get-QuarantineMessage -RecipientAddress bob@contoso.test -StartReceivedDate -7d",
      doc: "What was kept from somebody in the last week.",
    },
    {
      command: "Get-QuarantineMessage -QuarantineTypes Spam,Bulk -PageSize 50 -Page 3",
      doc: "The third page of what is spam.",
    },
    {
      command: "Get-QuarantineMessage -SenderAddress *@fabrikam.test | Format-List",
      doc: "All about the messages from a domain.",
    },
  ],
  parameters: PARAMETERS,
  output: QUARANTINE_MESSAGE,
  async *run(run: Invocation<QuarantineServices>, input) {
    if (input.identity !== undefined) {
      const kept = await findMessage(run, input.identity, "Identity");
      if (compileSearch(input, run.clock.nowMs())?.(kept) ?? true) yield quarantineMessage(kept);
      return;
    }
    const desk = run.services.quarantine;
    const matches = compileSearch(input, run.clock.nowMs());
    const search = {
      ...{ desk, conditions: conditionsOf(input), matches, show: quarantineMessage },
      ...{ read: quarantineProperties, identify: formatIdentity },
    };
    if (PLACES.some((name) => run.given.has(name))) {
      yield* putOutResults(run, heldResults(search, input.sortOrder), input);
    } else yield* putOutPage(run, search, input);
  },
});

/** Parameters that ask for another part of the results than Page and PageSize do. */
const PLACES = [
  "ResultSize",
  "SortOrder",
  "SearchForward",
  "BookmarkIndex",
  "BookmarkObject",
].concat("ReturnPageInfo");

async function* putOutPage(
  { signal, warn }: Pick<Invocation<QuarantineServices>, "signal" | "warn">,
  { desk, matches = () => true, show }: HeldSearch<QuarantineMessage>,
  { page: number, pageSize }: Input,
): AsyncGenerator<QuarantineMessage> {
  const from = (number - 1) * pageSize;
  let count = 0;
  for await (const page of desk.messages(signal)) {
    for (const kept of page) {
      if (!matches(kept)) continue;
      count += 1;
      if (count > from + pageSize) {
        warn(`There are more than these; -Page ${number + 1} shows the next ones.`);
        return;
      }
      if (count > from) yield show(kept);
    }
  }
}

/** The same for the same conditions, whichever part of the results is asked for. */
function conditionsOf({ filter, ...input }: Input): string {
  const { bookmarkIndex: _, bookmarkObject: __, resultSize: ___, ...conditions } = input;
  return JSON.stringify([filter?.text, { ...conditions, sortOrder: undefined }]);
}

type Test = (kept: KeptMessage) => boolean;

/** One test of all conditions, cheap ones first; `undefined`: there are none. */
function compileSearch(input: Input, nowMs: number): Test | undefined {
  const types = input.quarantineTypes ?? (input.type && [input.type]);
  const { direction, filter, messageId } = input;
  const tests: Test[] = [
    ...inSpan(input.startReceivedDate, input.endReceivedDate, {
      nowMs,
      of: ({ message }) => message.receivedMs,
    }),
    ...inSpan(input.startExpiresDate, input.endExpiresDate, {
      nowMs,
      of: (kept) => kept.expiresMs,
    }),
  ];
  if (types !== undefined) {
    tests.push(({ message: { quarantine } }) => {
      const own = quarantine?.type ?? "Policy";
      return types.some((type) => type === own);
    });
  }
  if (direction !== undefined) {
    tests.push(({ message }) => directionOf(message.origin) === direction);
  }
  if (messageId !== undefined) {
    const wanted = messageId.replace(/^<(.*)>$/, "$1");
    tests.push(({ message }) => message.internetMessageId.replace(/^<(.*)>$/, "$1") === wanted);
  }
  tests.push(...textTests(input));
  if (filter !== undefined) {
    const passes = compileFilter(filter, { nowMs });
    tests.push((kept) => passes(quarantineProperties(kept, filter.properties)));
  }
  if (tests.length === 0) return undefined;
  return (kept) => tests.every((test) => test(kept));
}

function textTests({ subject, policyName, senderAddress, recipientAddress, domain }: Input) {
  const tests: Test[] = [];
  if (subject !== undefined) {
    const matches = compileWildcard(/[*?]/.test(subject) ? subject : `*${subject}*`);
    tests.push(({ message }) => matches(message.subject));
  }
  if (policyName !== undefined) {
    const matches = compileWildcard(policyName);
    tests.push(({ message }) => matches(message.quarantine?.policy ?? ""));
  }
  if (senderAddress !== undefined) {
    const matches = anyOf(senderAddress);
    tests.push((kept) => sendersOf(kept).some(matches));
  }
  if (recipientAddress !== undefined) {
    const matches = anyOf(recipientAddress);
    tests.push(({ recipients }) => recipients.some(({ address }) => matches(address)));
  }
  if (domain !== undefined) {
    const matches = anyOf(domain.map((one) => `*@${one}`));
    tests.push(
      (kept) =>
        sendersOf(kept).some(matches) || kept.recipients.some(({ address }) => matches(address)),
    );
  }
  return tests;
}

function sendersOf({ message: { envelope, headerFrom } }: KeptMessage): readonly string[] {
  return [envelope.sender === "" ? "<>" : envelope.sender, headerFrom];
}

function anyOf(texts: readonly string[]): (text: string) => boolean {
  const tests = texts.map(compileWildcard);
  return (text) => tests.some((test) => test(text));
}

function inSpan(
  start: Moment | undefined,
  end: Moment | undefined,
  what: { readonly nowMs: number; readonly of: (kept: KeptMessage) => number },
): readonly Test[] {
  if (start === undefined && end === undefined) return [];
  const fromMs = start === undefined ? Number.NEGATIVE_INFINITY : momentMs(start, what.nowMs);
  const toMs = end === undefined ? Number.POSITIVE_INFINITY : momentMs(end, what.nowMs);
  return [(kept) => what.of(kept) >= fromMs && what.of(kept) < toMs];
}
