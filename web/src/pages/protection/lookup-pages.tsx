import { Button } from "@fluentui/react-components";
import { ArrowLeftRegular } from "@fluentui/react-icons";
import { useNavigate } from "@tanstack/react-router";
import { NounPage } from "../../widgets/noun-page.tsx";
import { texts } from "./filters-texts.ts";

/** These pages are reached from the filters alone. */
function BackToFilters() {
  const navigate = useNavigate();
  return (
    <Button
      appearance="subtle"
      icon={<ArrowLeftRegular />}
      onClick={() => void navigate({ to: "/protection/filters" })}
    >
      {texts.filters}
    </Button>
  );
}

/** Words that make a message good or bad. */
export function PhrasesPage() {
  return (
    <NounPage
      noun="ContentFilterPhrase"
      makingVerb="Add"
      title={texts.phrases}
      about={texts.phrasesAbout}
      newTitle={texts.newPhrase}
      emptyTitle={texts.noPhrases}
      emptyHint={texts.noPhrasesHint}
      columns={[
        { property: "Identity", title: texts.phrase },
        { property: "Influence", title: texts.influence, priority: 1, width: "110px" },
      ]}
      sections={[{ title: texts.general, fields: ["Phrase", "Influence"] }]}
    >
      <BackToFilters />
    </NounPage>
  );
}

/** Files that are not wanted. */
export function FilesPage() {
  return (
    <NounPage
      noun="AttachmentFilterEntry"
      makingVerb="Add"
      title={texts.files}
      about={texts.filesAbout}
      newTitle={texts.newFile}
      emptyTitle={texts.noFiles}
      emptyHint={texts.noFilesHint}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "Type", title: texts.type, width: "120px" },
      ]}
      sections={[{ title: texts.general, fields: ["Name", "Type"] }]}
    >
      <BackToFilters />
    </NounPage>
  );
}

function ProvidersPage({ noun, title }: { readonly noun: string; readonly title: string }) {
  return (
    <NounPage
      noun={noun}
      makingVerb="Add"
      title={title}
      about={texts.providersAbout}
      newTitle={texts.newProvider}
      emptyTitle={texts.noProviders}
      emptyHint={texts.noProvidersHint}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "LookupDomain", title: texts.domain },
        { property: "Priority", title: texts.priority, width: "80px", priority: 3 },
        { property: "Enabled", title: texts.enabled, width: "80px" },
      ]}
      sections={[
        { title: texts.general, fields: ["Name", "LookupDomain", "Enabled", "Priority"] },
        { title: texts.action, fields: ["AnyMatch", "IPAddressesMatch", "BitmaskMatch"] },
      ]}
    >
      <BackToFilters />
    </NounPage>
  );
}

/** Lists in DNS of who is refused. */
export function BlockProvidersPage() {
  return <ProvidersPage noun="IPBlockListProvider" title={texts.blockProvider} />;
}

/** Lists in DNS of who is let in. */
export function AllowProvidersPage() {
  return <ProvidersPage noun="IPAllowListProvider" title={texts.allowProvider} />;
}

/** Filters that speak Sendmail's protocol. */
export function MiltersPage() {
  return (
    <NounPage
      noun="Milter"
      title={texts.milters}
      about={texts.miltersAbout}
      newTitle={texts.newMilter}
      emptyTitle={texts.noMilters}
      emptyHint={texts.noMiltersHint}
      columns={[
        { property: "Identity", title: texts.name },
        { property: "Endpoint", title: texts.endpoint },
        { property: "FailMode", title: texts.failMode, width: "110px" },
        { property: "Enabled", title: texts.enabled, width: "80px" },
      ]}
      sections={[
        { title: texts.general, fields: ["Name", "Enabled", "Endpoint", "FailMode", "Priority"] },
        {
          title: texts.connection,
          fields: ["Connectors", "ConnectTimeout", "CommandTimeout", "ContentTimeout"],
        },
      ]}
    >
      <BackToFilters />
    </NounPage>
  );
}
