import { Badge, ToolbarButton } from "@fluentui/react-components";
import { BeakerRegular, StarRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { NounPage, type ShownObject } from "../../widgets/noun-page.tsx";
import { formatValue } from "../../widgets/property-list.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { texts } from "./domain-texts.ts";

const LABELS = { MakeDefault: texts.isDefault, DomainType: texts.type };

/** Accepted domains. */
export function AcceptedDomainsPage() {
  return (
    <NounPage
      noun="AcceptedDomain"
      title={texts.acceptedTitle}
      about={texts.acceptedAbout}
      newTitle={texts.newAccepted}
      emptyTitle={texts.noAccepted}
      emptyHint={texts.noAcceptedHint}
      labels={LABELS}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "DomainName", title: texts.domain },
        { property: "DomainType", title: texts.type },
        { property: "Default", title: texts.default, width: "90px", render: showDefault },
      ]}
      sections={[
        { title: texts.general, fields: ["Name", "DomainName", "DomainType", "MatchSubDomains"] },
        { title: texts.delivery, fields: ["AddressBookEnabled", "LmtpHost", "MakeDefault"] },
      ]}
      actions={(object) => <DomainActs object={object} />}
    />
  );
}

function showDefault(object: ShownObject) {
  if (object["Default"] !== true) return formatValue(false);
  return <Badge appearance="tint">{texts.default}</Badge>;
}

function DomainActs({ object }: { readonly object: ShownObject }) {
  const mayRun = useMayRun();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const { Identity } = object;
  const isOurs = object["DomainType"] === "Authoritative";
  const check = () =>
    navigate({
      to: "/mail-flow/troubleshooter",
      search: { test: "dns", own: String(object["DomainName"]) },
    });
  return (
    <>
      {object["Default"] !== true && mayRun("Set-AcceptedDomain") && (
        <ToolbarButton icon={<StarRegular />} onClick={() => setAsking(true)}>
          {texts.makeDefault}
        </ToolbarButton>
      )}
      {isOurs && mayRun("Test-DnsRecords") && (
        <ToolbarButton icon={<BeakerRegular />} onClick={() => void check()}>
          {texts.checkDns}
        </ToolbarButton>
      )}
      {isAsking && (
        <RunDialog
          title={`${texts.makeDefault}: ${String(Identity)}`}
          call={{ cmdlet: "Set-AcceptedDomain", parameters: { Identity, MakeDefault: true } }}
          verb={texts.makeDefault}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
