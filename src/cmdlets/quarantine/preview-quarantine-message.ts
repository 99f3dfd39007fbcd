import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter } from "../../cmdlet/parameter.ts";
import { addressKey } from "../../mail/address.ts";
import { address, line } from "../../org/settings/setting-types.ts";
import { findMessage, formatIdentity, IDENTITY_CHARACTERS_MAX } from "./identity.ts";
import { PREVIEW_NOTE, PREVIEW_PROPERTIES, previewOf } from "./preview-output.ts";
import type { QuarantineServices } from "./services.ts";

const MESSAGE_PREVIEW = {
  name: "QuarantineMessagePreview",
  table: ["Identity", "SenderAddress", "Subject", "Body"],
  properties: {
    Identity: { kind: "text", doc: "The message." },
    ...PREVIEW_PROPERTIES,
  },
} as const satisfies OutputType;

/** Preview-QuarantineMessage. */
export const previewQuarantineMessage = defineCmdlet({
  name: "Preview-QuarantineMessage",
  summary: "Shows the header and the text of a message in quarantine.",
  notes: [PREVIEW_NOTE],
  roles: ["Hygiene Management"],
  effect: "reads",
  isRecorded: true,
  confirmation: "none",
  examples: [
    {
      command: "Get-QuarantineMessage -Subject invoice | Preview-QuarantineMessage | Format-List",
      doc: "What they say.",
    },
  ],
  parameters: {
    Identity: requiredParameter(
      line({ max: IDENTITY_CHARACTERS_MAX }),
      "The message, as Get-QuarantineMessage shows it.",
      { position: 0, pipeline: "property" },
    ),
    RecipientAddress: optionalParameter(address(), "Only if it is kept from this recipient."),
  },
  output: MESSAGE_PREVIEW,
  async *run(run: Invocation<QuarantineServices>, { identity, recipientAddress: wanted }) {
    const kept = await findMessage(run, identity, "Identity");
    const addresses = kept.recipients.map(({ address: one }) => one);
    if (wanted !== undefined && !addresses.map(addressKey).includes(addressKey(wanted))) {
      const text = `${formatIdentity(kept.message)} is not kept from ${wanted}`;
      throw new CmdletFault("not-found", text, { parameter: "RecipientAddress" });
    }
    const preview = await previewOf(run.services.quarantine, kept);
    yield { Identity: formatIdentity(kept.message), ...preview };
  },
});
