import { Text, ToolbarButton } from "@fluentui/react-components";
import {
  ArrowDownloadRegular,
  DeleteRegular,
  FlagRegular,
  MailArrowUpRegular,
  PersonProhibitedRegular,
} from "@fluentui/react-icons";
import { Suspense, useState } from "react";
import { runAny } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { bytesOfBase64, saveFile } from "../../base/file.ts";
import { textOf } from "../../base/text-of.ts";
import { visibleText } from "../../base/visible-text.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { PropertyList } from "../../widgets/property-list.tsx";
import { ToolRow } from "../../widgets/tool-row.tsx";
import type { Kept } from "./kept-message.ts";
import { MessagePreview, type PreviewTab } from "./message-preview.tsx";
import { BlockSenderDialog, DeleteDialog, ReportDialog } from "./quarantine-dialogs.tsx";
import { HistoryOf } from "./quarantine-history.tsx";
import { texts } from "./quarantine-texts.ts";
import { ReleaseDialog } from "./release-dialog.tsx";

/** A message in quarantine: what it is, what it says, and what is done with it. */
export function QuarantinePanel(props: { readonly message: Kept; readonly onClose: () => void }) {
  const { message, onClose } = props;
  const { Identity, NetworkMessageId } = message;
  const mayRun = useMayRun();
  const tabs: readonly PreviewTab[] = [
    {
      value: "details",
      title: texts.details,
      content: (
        <Suspense fallback={<Loading />}>
          <PropertyList cmdlet="Get-QuarantineMessage" object={message} />
        </Suspense>
      ),
    },
    {
      value: "history",
      title: texts.history,
      content: <HistoryOf networkMessageId={NetworkMessageId ?? ""} />,
    },
  ];
  return (
    <DetailPanel
      title={visibleText(message.Subject || texts.noSubject)}
      onClose={onClose}
      actions={<QuarantineTools {...props} />}
    >
      <Suspense fallback={<Loading />}>
        <PropertyList
          cmdlet="Get-QuarantineMessage"
          object={message}
          names={["SenderAddress", "FromAddress", "RecipientAddress", "Type", "Reason", "Expires"]}
        />
      </Suspense>
      {mayRun("Preview-QuarantineMessage") ? (
        <MessagePreview
          call={{ cmdlet: "Preview-QuarantineMessage", parameters: { Identity: Identity ?? "" } }}
          tabs={tabs}
        />
      ) : (
        <>
          <Text>{texts.noPreview}</Text>
          {tabs.map(({ value, content }) => (
            <div key={value}>{content}</div>
          ))}
        </>
      )}
    </DetailPanel>
  );
}

function QuarantineTools(props: { readonly message: Kept; readonly onClose: () => void }) {
  const { message, onClose } = props;
  const { Identity, RecipientAddress, SenderAddress } = message;
  const mayRun = useMayRun();
  const notify = useNotify();
  const [act, setAct] = useState<"release" | "report" | "delete" | "block">();
  const identities = [Identity ?? ""];
  const end = ({ isDone }: { readonly isDone: boolean }) => {
    setAct(undefined);
    if (isDone) onClose();
  };
  const download = async () => {
    try {
      await saveMessage(Identity ?? "");
    } catch (error) {
      notify({ title: error instanceof Error ? error.message : String(error), intent: "error" });
    }
  };
  const mayBlock = mayRun("Set-SenderFilterConfig") && SenderAddress !== "<>";
  return (
    <>
      <ToolRow label={visibleText(message.Subject ?? "")}>
        {mayRun("Release-QuarantineMessage") && (
          <ToolbarButton icon={<MailArrowUpRegular />} onClick={() => setAct("release")}>
            {texts.release}
          </ToolbarButton>
        )}
        {mayRun("Submit-QuarantineMessage") && (
          <ToolbarButton icon={<FlagRegular />} onClick={() => setAct("report")}>
            {texts.reportShort}
          </ToolbarButton>
        )}
        {mayRun("Delete-QuarantineMessage") && (
          <ToolbarButton icon={<DeleteRegular />} onClick={() => setAct("delete")}>
            {texts.removeForGood}
          </ToolbarButton>
        )}
        {mayBlock && (
          <ToolbarButton icon={<PersonProhibitedRegular />} onClick={() => setAct("block")}>
            {texts.blockSender}
          </ToolbarButton>
        )}
        {mayRun("Export-QuarantineMessage") && (
          <ToolbarButton
            icon={<ArrowDownloadRegular />}
            title={texts.downloadHint}
            onClick={() => void download()}
          >
            {texts.download}
          </ToolbarButton>
        )}
      </ToolRow>
      {act === "release" && (
        <ReleaseDialog identities={identities} recipients={RecipientAddress ?? []} onClose={end} />
      )}
      {act === "report" && (
        <ReportDialog identities={identities} onClose={() => setAct(undefined)} />
      )}
      {act === "delete" && <DeleteDialog identities={identities} onClose={end} />}
      {act === "block" && (
        <BlockSenderDialog sender={SenderAddress ?? ""} onClose={() => setAct(undefined)} />
      )}
    </>
  );
}

/** Has the browser save the message as it would be delivered. @throws CmdletFault */
async function saveMessage(Identity: string): Promise<void> {
  const call = { cmdlet: "Export-QuarantineMessage", parameters: { Identity } };
  const { objects } = await runAny(call);
  const pieces = objects.map((one) => bytesOfBase64(textOf(one["Eml"] ?? "")));
  const number = Identity.split("\\").at(-1) ?? "message";
  saveFile({ name: `quarantine-${number}.eml`, type: "message/rfc822", pieces });
}
