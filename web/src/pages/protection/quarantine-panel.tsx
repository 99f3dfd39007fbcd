import {
  makeStyles,
  Tab,
  TabList,
  Text,
  Toolbar,
  ToolbarButton,
  tokens,
} from "@fluentui/react-components";
import {
  ArrowDownloadRegular,
  DeleteRegular,
  MailArrowUpRegular,
  PersonProhibitedRegular,
} from "@fluentui/react-icons";
import { Suspense, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { type OutputOf, runAny } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { bytesOfBase64, saveFile } from "../../base/file.ts";
import { textOf } from "../../base/text-of.ts";
import { visibleText } from "../../base/visible-text.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import type { Kept } from "./kept-message.ts";
import { BlockSenderDialog, DeleteDialog, ReleaseDialog } from "./quarantine-dialogs.tsx";
import { texts } from "./quarantine-texts.ts";
import { SafeHtmlFrame } from "./safe-html-frame.tsx";

const useStyles = makeStyles({
  words: {
    margin: 0,
    padding: "8px",
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
    maxHeight: "480px",
    overflow: "auto",
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
  prose: { fontFamily: tokens.fontFamilyBase },
  list: { margin: 0, paddingInlineStart: "20px", overflowWrap: "anywhere" },
  tools: { flexWrap: "wrap", paddingInline: 0, "& button": { whiteSpace: "nowrap" } },
});

/** A message in quarantine: what it is, what it says, and what is done with it. */
export function QuarantinePanel(props: { readonly message: Kept; readonly onClose: () => void }) {
  const { message, onClose } = props;
  const mayRun = useMayRun();
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
        <Preview message={message} />
      ) : (
        <Text>{texts.noPreview}</Text>
      )}
    </DetailPanel>
  );
}

function QuarantineTools(props: { readonly message: Kept; readonly onClose: () => void }) {
  const { message, onClose } = props;
  const { Identity, RecipientAddress, SenderAddress } = message;
  const styles = useStyles();
  const mayRun = useMayRun();
  const notify = useNotify();
  const [act, setAct] = useState<"release" | "delete" | "block">();
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
      <Toolbar className={styles.tools} aria-label={visibleText(message.Subject ?? "")}>
        {mayRun("Release-QuarantineMessage") && (
          <ToolbarButton icon={<MailArrowUpRegular />} onClick={() => setAct("release")}>
            {texts.release}
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
      </Toolbar>
      {act === "release" && (
        <ReleaseDialog identities={identities} recipients={RecipientAddress ?? []} onClose={end} />
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

type MessagePreview = OutputOf<"Preview-QuarantineMessage">;

function Preview({ message }: { readonly message: Kept }) {
  const [state, setState] = usePageState();
  const parameters = { Identity: message.Identity ?? "" };
  const call = { cmdlet: "Preview-QuarantineMessage", parameters } as const;
  const reading = useCmdlet(call);
  const { view = "text" } = state;
  const preview = reading.data?.objects[0];
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (preview === undefined) return <Loading />;
  return (
    <>
      <TabList
        aria-label={texts.previewParts}
        selectedValue={view}
        onTabSelect={(_event, { value }) => setState({ view: String(value) })}
      >
        <Tab value="text">{texts.text}</Tab>
        <Tab value="html">{texts.html}</Tab>
        <Tab value="header">{texts.header}</Tab>
        <Tab value="details">{texts.details}</Tab>
      </TabList>
      {preview.IsTruncated === true && <Text>{texts.truncated}</Text>}
      <PreviewPart view={view} preview={preview} message={message} />
      <Attachments names={preview.Attachment ?? []} />
      <div>
        <ShowCmdlet call={call} />
      </div>
    </>
  );
}

function PreviewPart(props: {
  readonly view: string;
  readonly preview: MessagePreview;
  readonly message: Kept;
}) {
  const { view, preview, message } = props;
  const styles = useStyles();
  switch (view) {
    case "html":
      if (!preview.HtmlBody) return <Text>{texts.noHtml}</Text>;
      return (
        <>
          <Text size={200}>{texts.htmlNote}</Text>
          <SafeHtmlFrame html={preview.HtmlBody} />
        </>
      );
    case "header":
      return (
        // One can scroll it with the keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <pre className={styles.words} tabIndex={0}>
          {visibleText(preview.Header ?? "")}
        </pre>
      );
    case "details":
      return (
        <Suspense fallback={<Loading />}>
          <PropertyList cmdlet="Get-QuarantineMessage" object={message} />
        </Suspense>
      );
    default:
      if ((preview.Body ?? "").trim() === "") return <Text>{texts.noText}</Text>;
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, see above
        <pre className={`${styles.words} ${styles.prose}`} tabIndex={0} dir="auto">
          {visibleText(preview.Body ?? "")}
        </pre>
      );
  }
}

function Attachments({ names }: { readonly names: readonly string[] }) {
  const styles = useStyles();
  if (names.length === 0) return null;
  return (
    <section>
      <Text as="h3" weight="semibold">
        {texts.attachments}
      </Text>
      <ul className={styles.list}>
        {names.map((name, at) => (
          // Names may be the same; they keep their places.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={at}>
            <bdi>{visibleText(name)}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
