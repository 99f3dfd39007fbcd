import type { AnyCall } from "../../api/run-cmdlet.ts";
import { textOf } from "../../base/text-of.ts";
import type { PageState } from "../../widgets/page-state.ts";
import { texts } from "./troubleshooter-texts.ts";

/** A parameter that a test asks for. */
interface TestField {
  readonly parameter: string;
  /** Its name in the address. */
  readonly key: string;
  readonly label: string;
  /** The label says it all. */
  readonly isPlain?: true;
}

/** A question, and the cmdlet that answers it. */
export interface ConnectorTest {
  readonly key: string;
  readonly title: string;
  readonly hint: string;
  readonly cmdlet: string;
  readonly fields: readonly TestField[];
  /** How its answer is shown. */
  readonly view: "tree" | "doors" | "records" | "properties";
  /** Property of an object with its verdict. */
  readonly verdict?: string;
}

/** The questions in their order. */
export const CONNECTOR_TESTS: readonly ConnectorTest[] = [
  {
    key: "outbound",
    title: texts.outbound,
    hint: texts.outboundHint,
    cmdlet: "Test-OutboundConnectivity",
    view: "tree",
    verdict: "Verdict",
    fields: [
      { parameter: "Domain", key: "domain", label: texts.domain },
      { parameter: "SendConnector", key: "connector", label: texts.connector, isPlain: true },
      { parameter: "MailFrom", key: "from", label: texts.from, isPlain: true },
      { parameter: "RcptTo", key: "to", label: texts.to, isPlain: true },
      { parameter: "AllHosts", key: "all", label: texts.allHosts, isPlain: true },
    ],
  },
  {
    key: "route",
    title: texts.route,
    hint: texts.routeHint,
    cmdlet: "Test-MessageRoute",
    view: "tree",
    verdict: "Verdict",
    fields: [
      { parameter: "Sender", key: "from", label: texts.sender },
      { parameter: "Recipients", key: "to", label: texts.recipients },
      { parameter: "ClientAddress", key: "client", label: texts.clientAddress },
      { parameter: "AuthenticatedAs", key: "user", label: texts.user },
      { parameter: "Size", key: "size", label: texts.size },
      { parameter: "Tls", key: "tls", label: texts.tls, isPlain: true },
    ],
  },
  {
    key: "doors",
    title: texts.doors,
    hint: texts.doorsHint,
    cmdlet: "Test-SmtpConnectivity",
    view: "doors",
    fields: [
      { parameter: "Identity", key: "connector", label: texts.receiveConnector, isPlain: true },
    ],
  },
  {
    key: "dns",
    title: texts.dns,
    hint: texts.dnsHint,
    cmdlet: "Test-DnsRecords",
    view: "records",
    verdict: "Verdict",
    // Not `domain`: the partner that the question before was about is none of ours.
    fields: [{ parameter: "Domain", key: "own", label: texts.ownDomain, isPlain: true }],
  },
  {
    key: "relay",
    title: texts.relay,
    hint: texts.relayHint,
    cmdlet: "Test-OpenRelay",
    view: "tree",
    verdict: "Verdict",
    fields: [{ parameter: "ClientAddress", key: "client", label: texts.clientAddress }],
  },
  {
    key: "flow",
    title: texts.flow,
    hint: texts.flowHint,
    cmdlet: "Test-Mailflow",
    view: "properties",
    fields: [{ parameter: "TargetEmailAddress", key: "to", label: texts.target, isPlain: true }],
  },
];

/** What a test is asked, by parameter. */
export type TestValues = Readonly<Record<string, unknown>>;

/** The parameters that an address holds. */
export function readTestValues({ fields }: ConnectorTest, state: PageState): TestValues {
  const given = fields.flatMap(({ parameter, key }): readonly (readonly [string, unknown])[] => {
    const text = state[key];
    if (text === undefined || text === "") return [];
    if (parameter === "Recipients") return [[parameter, text.split(",")]];
    return [[parameter, text === "true" ? true : text]];
  });
  return Object.fromEntries(given);
}

/** The other way round; what is not asked is taken out of the address. */
export function writeTestValues({ fields }: ConnectorTest, values: TestValues): PageState {
  const written = fields.map(({ parameter, key }) => {
    const value = values[parameter];
    const text = Array.isArray(value) ? value.join(",") : textOf(value ?? "");
    return [key, text === "" || text === "false" ? undefined : text] as const;
  });
  return Object.fromEntries(written);
}

/** The call; what was left empty is not in it. */
export function callOfTest({ cmdlet }: ConnectorTest, values: TestValues): AnyCall {
  const given = Object.entries(values).filter(
    ([, value]) => value !== "" && value !== undefined && value !== null && value !== false,
  );
  return { cmdlet, parameters: Object.fromEntries(given) };
}
