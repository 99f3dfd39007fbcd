import {
  Badge,
  type BadgeProps,
  Button,
  MessageBar,
  MessageBarBody,
  ToolbarButton,
} from "@fluentui/react-components";
import {
  ArrowImportRegular,
  DocumentAddRegular,
  LinkRegular,
  TimerRegular,
} from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { formatDate } from "../../base/format.ts";
import { NounPage, type ShownObject } from "../../widgets/noun-page.tsx";
import { formatValue } from "../../widgets/property-list.tsx";
import { AssignDialog, ImportDialog, RequestDialog } from "./certificate-dialogs.tsx";
import { texts } from "./certificate-texts.ts";

/** Certificates: until when they are good, who shows them, and how one gets a new one. */
export function CertificatesPage() {
  return (
    <NounPage
      noun="ExchangeCertificate"
      title={texts.title}
      about={texts.about}
      newTitle={texts.newSelfSigned}
      emptyTitle={texts.none}
      emptyHint={texts.noneHint}
      except={["GenerateRequest"]}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "Status", title: texts.status, width: "150px", render: showStatus },
        { property: "NotAfter", title: texts.until, width: "110px", render: showEnd },
        { property: "CertificateDomains", title: texts.domains, priority: 3 },
        { property: "Services", title: texts.usedBy, priority: 3, render: showUses },
      ]}
      sections={[{ title: texts.newSelfSigned, fields: ["Name", "DomainName"] }]}
      labels={{ DomainName: texts.domains }}
      detail={(object) => <CertificateNotice object={object} />}
      actions={(object) => <CertificateActs object={object} />}
    >
      <WaysToGetOne />
    </NounPage>
  );
}

const STATUSES: Readonly<
  Record<string, { word: string; color: NonNullable<BadgeProps["color"]> }>
> = {
  Valid: { word: texts.valid, color: "success" },
  ExpiresSoon: { word: texts.expiresSoon, color: "warning" },
  Expired: { word: texts.expired, color: "danger" },
  NotYetValid: { word: texts.notYetValid, color: "warning" },
  PendingRequest: { word: texts.pendingRequest, color: "informative" },
};

function showStatus({ Status, DaysLeft }: ShownObject) {
  const known = STATUSES[String(Status)];
  if (known === undefined) return formatValue(Status);
  const isSoon = Status === "ExpiresSoon" && typeof DaysLeft === "number";
  return (
    <Badge appearance="tint" color={known.color}>
      {isSoon ? texts.expiresIn(DaysLeft) : known.word}
    </Badge>
  );
}

function showEnd({ NotAfter }: ShownObject): string {
  return typeof NotAfter === "string" ? formatDate(NotAfter) : "";
}

function showUses({ Services }: ShownObject): string {
  return formatValue(Services) || texts.nobody;
}

function CertificateNotice({ object }: { readonly object: ShownObject }) {
  const isPending = object["Status"] === "PendingRequest";
  if (!isPending && object["IsSelfSigned"] !== true) return null;
  return (
    <MessageBar intent={isPending ? "info" : "warning"} layout="multiline">
      <MessageBarBody>{isPending ? texts.pending : texts.selfSigned}</MessageBarBody>
    </MessageBar>
  );
}

function WaysToGetOne() {
  const mayRun = useMayRun();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"request" | "import">();
  const close = () => setOpen(undefined);
  return (
    <>
      {mayRun("New-ExchangeCertificate") && (
        <Button icon={<DocumentAddRegular />} onClick={() => setOpen("request")}>
          {texts.request}
        </Button>
      )}
      {mayRun("Import-ExchangeCertificate") && (
        <Button icon={<ArrowImportRegular />} onClick={() => setOpen("import")}>
          {texts.import}
        </Button>
      )}
      {mayRun("Set-TransportConfig") && (
        <Button
          icon={<TimerRegular />}
          onClick={() => void navigate({ to: "/mail-flow/certificates/automatic" })}
        >
          {texts.acmeShort}
        </Button>
      )}
      {open === "request" && <RequestDialog onClose={close} />}
      {open === "import" && <ImportDialog onClose={close} />}
    </>
  );
}

function CertificateActs({ object }: { readonly object: ShownObject }) {
  const mayRun = useMayRun();
  const [open, setOpen] = useState<"assign" | "import">();
  const close = () => setOpen(undefined);
  const name = String(object["Identity"]);
  const isPending = object["Status"] === "PendingRequest";
  return (
    <>
      {!isPending && mayRun("Enable-ExchangeCertificate", "Get-ReceiveConnector") && (
        <ToolbarButton icon={<LinkRegular />} onClick={() => setOpen("assign")}>
          {texts.assign}
        </ToolbarButton>
      )}
      {isPending && mayRun("Import-ExchangeCertificate") && (
        <ToolbarButton icon={<ArrowImportRegular />} onClick={() => setOpen("import")}>
          {texts.importAnswer}
        </ToolbarButton>
      )}
      {open === "assign" && <AssignDialog of={name} onClose={close} />}
      {open === "import" && <ImportDialog of={name} onClose={close} />}
    </>
  );
}
