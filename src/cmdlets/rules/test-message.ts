import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { ipAddress } from "../../org/settings/network-types.ts";
import { address, integer, line, listOf, longText } from "../../org/settings/setting-types.ts";
import type { ExplainedRule } from "../../transport/rules/explain-rules.ts";
import type { RuleServices } from "./services.ts";

/** Characters of a message in base64; the message itself has three for four of them. */
const FILE_CHARACTERS_MAX = 48 * 1024 * 1024;
/** The input as JSON. */
const INPUT_BYTES_MAX = 50 * 1024 * 1024;

const VERDICT = {
  name: "TestMessageVerdict",
  properties: {
    Rule: { kind: "text", doc: "The rule." },
    Priority: { kind: "number", doc: "Its place." },
    Mode: { kind: "choice", choices: ["Enforce", "Audit", "AuditAndNotify"], doc: "Its mode." },
    Kind: {
      kind: "choice",
      choices: ["Rule", "Condition", "Exception"],
      doc: "Whether the line is about the rule, or about one of its predicates.",
    },
    Name: { kind: "text", doc: "The predicate; of a rule: how many recipients it holds for." },
    Recipient: { kind: "text", doc: "The recipient, for what is asked of each." },
    Result: {
      kind: "choice",
      choices: ["True", "False", "CannotBeKnown"],
      doc: "Whether it holds.",
    },
    Seen: { kind: "list", doc: "What it looked at; of a rule: those whose copy it was." },
    Found: { kind: "text", doc: "On account of what it holds; of a rule: for whom." },
  },
  table: ["Priority", "Rule", "Kind", "Name", "Recipient", "Result", "Found"],
} as const satisfies OutputType;

const RESULTS = { true: "True", false: "False", fault: "CannotBeKnown" } as const;
const VERDICTS = {
  matched: "True",
  notMatched: "False",
  cannotBeJudged: "CannotBeKnown",
} as const;

/** Tries the mail flow rules on a message. */
export const testMessage = defineCmdlet({
  name: "Test-Message",
  summary:
    "Says of every mail flow rule and each of its predicates whether it holds for a message.",
  notes: [
    "Nothing is sent, and no action is done. Rules see what those before them would have made of " +
      "the message, as they do with mail. Recipients are taken as they are given: groups are not " +
      "expanded.",
    "Rules that are switched off are asked with -IncludeDisabled only; those not active yet or " +
      "expired never are.",
  ],
  roles: ["Records Management", "Server Management", "Hygiene Management"],
  effect: "reads",
  isRecorded: true,
  confirmation: "none",
  inputFiles: [{ path: "MessageFile", content: "MessageFileData" }],
  inputBytesMax: INPUT_BYTES_MAX,
  examples: [
    {
      command:
        "Test-Message -Sender you@fabrikam.test -Recipients alice@contoso.test " +
        "-MessageFile mail.eml",
      doc: "Why rules would hold for that file or not.",
    },
  ],
  parameters: {
    Sender: optionalParameter(address(), "MAIL FROM; left out: the null sender."),
    Recipients: requiredParameter(
      listOf(address(), { min: 1, max: 500 }),
      "Who the message is for.",
    ),
    MessageFile: optionalParameter(
      line({ max: 4096 }),
      "The message, a file on the side of the command line; none: an empty one.",
    ),
    MessageFileData: optionalParameter(
      longText({ max: FILE_CHARACTERS_MAX }),
      "The message in base64, where there is no command line.",
    ),
    Authenticated: switchParameter("As if the sender had logged on."),
    ClientIP: optionalParameter(ipAddress(), "The client that brings it; none: 127.0.0.1."),
    IncludeDisabled: switchParameter("Asks rules that are switched off, too, as if they were on."),
    SCL: optionalParameter(integer({ min: -1, max: 9 }), "Its spam confidence level; none: no."),
  },
  output: VERDICT,
  async *run({ services }: Invocation<RuleServices>, input) {
    const { sender, recipients, messageFileData, authenticated, clientIP, sCL, includeDisabled } =
      input;
    const explained = await services.rules.explain({
      sender: sender ?? "",
      recipients,
      content: messageFileData === undefined ? undefined : Buffer.from(messageFileData, "base64"),
      isInternal: authenticated,
      clientAddress: clientIP ?? "127.0.0.1",
      scl: sCL,
      asIfEnabled: includeDisabled,
    });
    for (const one of explained) yield* linesOf(one);
  },
});

function* linesOf(explained: ExplainedRule) {
  const { name: Rule, priority: Priority, matched, recipients, verdict, predicates } = explained;
  // As the settings have it.
  const Mode = explained.mode as "Enforce";
  const base = { Rule, Priority, Mode };
  yield {
    ...base,
    Kind: "Rule" as const,
    Name: `${matched.length} of ${recipients.length} recipients`,
    Recipient: "",
    Result: VERDICTS[verdict],
    Seen: recipients,
    Found: matched.join(", "),
  };
  for (const { name, role, recipient, holds, seen, found } of predicates) {
    yield {
      ...base,
      Kind: role === "condition" ? ("Condition" as const) : ("Exception" as const),
      Name: role === "condition" ? name : `ExceptIf${name}`,
      Recipient: recipient,
      Result: RESULTS[holds],
      Seen: seen,
      Found: found,
    };
  }
}
