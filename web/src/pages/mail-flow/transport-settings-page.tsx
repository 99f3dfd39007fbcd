import { Button } from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { useMayRun } from "../../api/session.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { SettingsForm } from "../../widgets/settings-page.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { TabView } from "../../widgets/tab-view.tsx";
import { texts } from "./settings-texts.ts";
import {
  CONFIG_LABELS,
  CONFIG_SECTIONS,
  SERVICE_LABELS,
  SERVICE_SECTIONS,
} from "./transport-settings-fields.ts";

const FORMS = {
  organization: {
    noun: "TransportConfig",
    title: texts.organization,
    sections: CONFIG_SECTIONS,
    labels: CONFIG_LABELS,
  },
  server: {
    noun: "TransportService",
    title: texts.server,
    sections: SERVICE_SECTIONS,
    labels: SERVICE_LABELS,
  },
} as const;

/** What holds for the whole organization, and for this server. */
export function TransportSettingsPage() {
  const navigate = useNavigate();
  const mayRun = useMayRun();
  const [{ tab = "organization" }, setState] = usePageState();
  const chosen = tab === "server" && mayRun("Get-TransportService") ? "server" : "organization";
  const { noun, sections, labels } = FORMS[chosen];
  return (
    <>
      <PageHeader title={texts.title} about={texts.about}>
        {mayRun("Get-ThrottlingPolicy") && (
          <Button
            onClick={() =>
              void navigate({ to: "/mail-flow/transport-settings/throttling-policies" })
            }
          >
            {texts.throttling}
          </Button>
        )}
        <ShowCmdlet call={{ cmdlet: `Get-${noun}`, parameters: {} }} />
      </PageHeader>
      <TabView
        label={texts.title}
        tabs={[
          { key: "organization", title: texts.organization },
          ...(mayRun("Get-TransportService") ? [{ key: "server", title: texts.server }] : []),
        ]}
        chosen={chosen}
        onChoose={(key) => setState({ tab: key })}
      >
        <SettingsForm key={noun} noun={noun} sections={sections} labels={labels} />
      </TabView>
    </>
  );
}
