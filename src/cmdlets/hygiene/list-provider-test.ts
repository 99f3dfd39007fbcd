import { type Cmdlet, defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { requiredParameter } from "../../cmdlet/parameter.ts";
import type { HygieneSettings } from "../../org/hygiene-settings.ts";
import { ipAddress } from "../../org/settings/network-types.ts";
import { name } from "../../org/settings/setting-types.ts";
import type { HygieneServices } from "./services.ts";

const OUTPUT = {
  name: "IPListProviderTestResult",
  table: ["Provider", "IPAddress", "Matched", "ProviderResult", "Error"],
  properties: {
    Provider: { kind: "text", doc: "Who was asked." },
    IPAddress: { kind: "text", doc: "The address that was asked about." },
    Matched: { kind: "boolean", doc: "Whether the provider's settings take the answer for a yes." },
    ProviderResult: { kind: "list", doc: "The addresses that it answered with." },
    Error: { kind: "text", doc: "Why nothing is known; empty: DNS has answered." },
  },
} as const satisfies OutputType;

/** Test-IPAllowListProvider or Test-IPBlockListProvider. */
function testProvider(
  noun: "IPAllowListProvider" | "IPBlockListProvider",
  providersOf: (settings: HygieneSettings) => HygieneSettings["ipBlockListProviders"],
): Cmdlet<HygieneServices> {
  return defineCmdlet({
    name: `Test-${noun}`,
    summary: "Asks a list in DNS about an address, whether it is switched on or not.",
    notes: ["Most lists have 127.0.0.2 on them, for tests, and never 127.0.0.1 (RFC 5782 §5)."],
    roles: ["Hygiene Management", "Server Management", "View-Only Organization Management"],
    effect: "reads",
    confirmation: "none",
    examples: [
      {
        command: `Test-${noun} "Sample list" -IPAddress 127.0.0.2`,
        doc: "Whether it answers, and whether the answer counts.",
      },
    ],
    parameters: {
      Identity: requiredParameter(name(), "The provider's name.", {
        position: 0,
        completion: noun,
        pipeline: "property",
      }),
      IPAddress: requiredParameter(ipAddress(), "The address to ask about."),
    },
    output: OUTPUT,
    async *run({ services }: Invocation<HygieneServices>, { identity, iPAddress }) {
      const { organization, hygiene } = services;
      const provider = providersOf(organization.organization.hygiene).find(
        (one) => one.name.toLowerCase() === identity.toLowerCase(),
      );
      if (provider === undefined) {
        const text = `there is no provider "${identity}"; Get-${noun} lists what there is`;
        throw new CmdletFault("not-found", text, { parameter: "Identity" });
      }
      const answer = await hygiene.askProvider(provider, iPAddress);
      const codes =
        answer.kind === "listed" ? [answer.code] : answer.kind === "unknown" ? [] : answer.codes;
      yield {
        Provider: provider.name,
        IPAddress: iPAddress,
        Matched: answer.kind === "listed",
        ProviderResult: codes,
        Error: answer.kind === "unknown" ? answer.reason : "",
      };
    },
  });
}

/** The tests of lists in DNS (reference §9.2). */
export const LIST_PROVIDER_TESTS: readonly Cmdlet<HygieneServices>[] = [
  testProvider("IPAllowListProvider", (settings) => settings.ipAllowListProviders),
  testProvider("IPBlockListProvider", (settings) => settings.ipBlockListProviders),
];
