import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { CmdletCall, OutputOf } from "../../api/run-cmdlet.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { TabView } from "../../widgets/tab-view.tsx";
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
});

type PreviewName = "Preview-QuarantineMessage" | "Preview-ModeratedMessage";
type Previewed = Omit<OutputOf<PreviewName>, "Identity">;

/** A further part of what is known of a message, besides what it says. */
export interface PreviewTab {
  readonly value: string;
  readonly title: string;
  readonly content: ReactNode;
}

/** What a message says, before one decides about it: text, HTML that can do nothing, header. */
export function MessagePreview<Name extends PreviewName>(props: {
  readonly call: CmdletCall<Name>;
  readonly tabs: readonly PreviewTab[];
}) {
  const { call, tabs } = props;
  const [state, setState] = usePageState();
  const reading = useCmdlet<PreviewName>(call);
  const { view = "text" } = state;
  const preview = reading.data?.objects[0];
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  // Of the message before it, nothing is shown under this one's name.
  if (preview === undefined || reading.isPlaceholderData) return <Loading />;
  const other = tabs.find(({ value }) => value === view);
  return (
    <TabView
      label={texts.previewParts}
      tabs={[
        { key: "text", title: texts.text },
        { key: "html", title: texts.html },
        { key: "header", title: texts.header },
        ...tabs.map(({ value, title }) => ({ key: value, title })),
      ]}
      chosen={view}
      onChoose={(key) => setState({ view: key })}
    >
      {other?.content ?? (
        <>
          {preview.IsTruncated === true && <Text>{texts.truncated}</Text>}
          <PreviewPart view={view} preview={preview} />
          <Attachments names={preview.Attachment ?? []} />
        </>
      )}
      <div>
        <ShowCmdlet call={call} />
      </div>
    </TabView>
  );
}

function PreviewPart(props: { readonly view: string; readonly preview: Previewed }) {
  const { view, preview } = props;
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
