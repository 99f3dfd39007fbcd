import { Button } from "@fluentui/react-components";
import { ArrowLeftRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type FormSection, ObjectForm } from "../../widgets/form/object-form.tsx";
import type { NewFormProps } from "../../widgets/noun-page.tsx";
import { texts } from "./connector-texts.ts";
import { type Purpose, PurposeChoice } from "./purpose-choice.tsx";
import { SEND_LABELS, SEND_SECTIONS } from "./send-connector-fields.ts";

interface SendPurpose extends Purpose {
  readonly initial: Readonly<Record<string, unknown>>;
  readonly first: readonly string[];
}

const PURPOSES: readonly SendPurpose[] = [
  {
    key: "Internet",
    title: texts.internetOut,
    hint: texts.internetOutHint,
    initial: { Usage: "Internet", AddressSpaces: ["SMTP:*;1"], DnsRoutingEnabled: true },
    first: ["AddressSpaces"],
  },
  {
    key: "smart-host",
    title: texts.smartHostOut,
    hint: texts.smartHostOutHint,
    initial: { AddressSpaces: ["SMTP:*;1"] },
    first: [
      "AddressSpaces",
      "SmartHosts",
      "Port",
      "RequireTLS",
      "SmartHostAuthMechanism",
      "AuthenticationCredential",
    ],
  },
  {
    key: "Internal",
    title: texts.internalOut,
    hint: texts.internalOutHint,
    initial: { Usage: "Internal" },
    first: ["AddressSpaces", "SmartHosts", "Port"],
  },
  {
    key: "Custom",
    title: texts.customOut,
    hint: texts.customOutHint,
    initial: {},
    first: ["AddressSpaces", "DnsRoutingEnabled", "SmartHosts", "Port"],
  },
];

const PARTNER: Purpose = {
  key: "partner",
  title: texts.partnerOut,
  hint: texts.partnerOutHint,
};

/** Makes a send connector: first where it leads. */
export function NewSendConnector({ onDone, onCancel }: NewFormProps) {
  const [key, setKey] = useState<string>();
  const navigate = useNavigate();
  const chosen = PURPOSES.find((one) => one.key === key);
  if (chosen === undefined) {
    return (
      <PurposeChoice
        purposes={[...PURPOSES.slice(0, 1), PARTNER, ...PURPOSES.slice(1)]}
        onChoose={(one) => {
          if (one === PARTNER.key) void navigate({ to: "/mail-flow/send-connectors/new-partner" });
          else setKey(one);
        }}
      />
    );
  }
  const first = ["Name", ...chosen.first];
  const others: readonly FormSection[] = SEND_SECTIONS.map(({ title, fields }) => ({
    title,
    fields: fields.filter((name) => !first.includes(name)),
  }));
  return (
    <>
      <div>
        <Button size="small" icon={<ArrowLeftRegular />} onClick={() => setKey(undefined)}>
          {texts.back}
        </Button>
      </div>
      <ObjectForm
        cmdlet="New-SendConnector"
        initial={chosen.initial}
        sections={[{ title: chosen.title, fields: first }, ...others]}
        labels={SEND_LABELS}
        onDone={onDone}
        onCancel={onCancel}
      />
    </>
  );
}
