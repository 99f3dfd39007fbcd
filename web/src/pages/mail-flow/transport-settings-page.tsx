import { Button, makeStyles, Tab, TabList } from "@fluentui/react-components";
import { useNavigate } from "@tanstack/react-router";
import { useMayRun } from "../../api/session.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { SettingsForm } from "../../widgets/settings-page.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts } from "./settings-texts.ts";
import {
  CONFIG_LABELS,
  CONFIG_SECTIONS,
  SERVICE_LABELS,
  SERVICE_SECTIONS,
} from "./transport-settings-fields.ts";

const useStyles = makeStyles({ tabs: { paddingBottom: "12px" } });

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
  const styles = useStyles();
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
      <TabList
        className={styles.tabs}
        selectedValue={chosen}
        onTabSelect={(_event, { value }) => setState({ tab: String(value) })}
      >
        <Tab value="organization">{texts.organization}</Tab>
        {mayRun("Get-TransportService") && <Tab value="server">{texts.server}</Tab>}
      </TabList>
      <SettingsForm key={noun} noun={noun} sections={sections} labels={labels} />
    </>
  );
}
