import { Button } from "@fluentui/react-components";
import { ArrowLeftRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { type FormSection, ObjectForm } from "../../widgets/form/object-form.tsx";
import type { NewFormProps } from "../../widgets/noun-page.tsx";
import { texts } from "./connector-texts.ts";
import { type Purpose, PurposeChoice } from "./purpose-choice.tsx";
import { RECEIVE_LABELS, RECEIVE_SECTIONS } from "./receive-connector-fields.ts";

interface ReceivePurpose extends Purpose {
  readonly initial: Readonly<Record<string, unknown>>;
  /** What has to be said besides the name. */
  readonly first: readonly string[];
  /** What the usage fixes. */
  readonly fixed: readonly string[];
}

const ALL_IPV4 = "0.0.0.0-255.255.255.255";
const PORT_25 = "0.0.0.0:25";

const PURPOSES: readonly ReceivePurpose[] = [
  {
    key: "Internet",
    title: texts.internet,
    hint: texts.internetHint,
    initial: { Usage: "Internet", Bindings: [PORT_25] },
    first: ["Bindings"],
    fixed: ["RemoteIPRanges"],
  },
  {
    key: "Client",
    title: texts.client,
    hint: texts.clientHint,
    initial: { Usage: "Client", RemoteIPRanges: [ALL_IPV4] },
    first: ["RemoteIPRanges"],
    fixed: ["Bindings"],
  },
  {
    key: "Internal",
    title: texts.internal,
    hint: texts.internalHint,
    initial: { Usage: "Internal" },
    first: ["RemoteIPRanges"],
    fixed: ["Bindings"],
  },
  {
    key: "Partner",
    title: texts.partnerIn,
    hint: texts.partnerInHint,
    initial: { Usage: "Partner", Bindings: [PORT_25], RemoteIPRanges: [ALL_IPV4] },
    first: ["PartnerCertificateNames", "Bindings", "RemoteIPRanges"],
    fixed: [],
  },
  {
    key: "Custom",
    title: texts.custom,
    hint: texts.customHint,
    initial: { Usage: "Custom" },
    first: ["Bindings", "RemoteIPRanges", "PermissionGroups", "AuthMechanism"],
    fixed: [],
  },
];

const DEVICE: Purpose = { key: "device", title: texts.device, hint: texts.deviceHint };

/** Makes a receive connector: first what it is for, which decides most of it. */
export function NewReceiveConnector({ onDone, onCancel }: NewFormProps) {
  const [key, setKey] = useState<string>();
  const navigate = useNavigate();
  const mayRun = useMayRun();
  const chosen = PURPOSES.find((one) => one.key === key);
  if (chosen === undefined) {
    const devices = mayRun("New-AppPassword") ? [DEVICE] : [];
    return (
      <PurposeChoice
        purposes={[...PURPOSES.slice(0, -1), ...devices, ...PURPOSES.slice(-1)]}
        onChoose={(one) => {
          if (one === DEVICE.key) void navigate({ to: "/mail-flow/devices/new" });
          else setKey(one);
        }}
      />
    );
  }
  const first = ["Name", ...chosen.first];
  const others: readonly FormSection[] = RECEIVE_SECTIONS.map(({ title, fields }) => ({
    title,
    fields: fields.filter((name) => !first.includes(name) && !chosen.fixed.includes(name)),
  }));
  return (
    <>
      <div>
        <Button size="small" icon={<ArrowLeftRegular />} onClick={() => setKey(undefined)}>
          {texts.back}
        </Button>
      </div>
      <ObjectForm
        cmdlet="New-ReceiveConnector"
        initial={chosen.initial}
        sections={[{ title: chosen.title, fields: first }, ...others]}
        except={chosen.fixed}
        labels={RECEIVE_LABELS}
        onDone={onDone}
        onCancel={onCancel}
      />
    </>
  );
}
