import { makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { CmdletName } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
import { CHOSEN, HOVERED } from "../../widgets/marked-style.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { SettingsForm } from "../../widgets/settings-page.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { FILTERS } from "./filter-table.ts";
import { texts } from "./filters-texts.ts";
import { texts as area } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  link: {
    position: "relative",
    display: "flex",
    justifyContent: "space-between",
    gap: "12px",
    width: "100%",
    boxSizing: "border-box",
    padding: "10px 12px",
    border: "none",
    background: "none",
    font: "inherit",
    textAlign: "start",
    cursor: "pointer",
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    ":hover": HOVERED,
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  },
  state: { color: tokens.colorNeutralForeground2 },
  chosen: CHOSEN,
  title: { margin: "8px 0 0" },
});

/** What a filter is switched on by; backscatter protection has two. */
const SWITCHES = ["Enabled", "SigningEnabled", "RejectionEnabled"];

const LOOKUPS = [
  {
    path: "/protection/filters/phrases",
    title: texts.phrases,
    needs: "Get-ContentFilterPhrase",
  },
  { path: "/protection/filters/files", title: texts.files, needs: "Get-AttachmentFilterEntry" },
  {
    path: "/protection/filters/block-providers",
    title: texts.blockProvider,
    needs: "Get-IPBlockListProvider",
  },
  {
    path: "/protection/filters/allow-providers",
    title: texts.allowProvider,
    needs: "Get-IPAllowListProvider",
  },
  { path: "/protection/filters/milters", title: texts.milters, needs: "Get-Milter" },
] as const;

/** Whether a filter is on; nothing about what has no switch of its own. */
function SwitchState({ noun }: { readonly noun: string }) {
  const styles = useStyles();
  const { data } = useCmdlet({ cmdlet: `Get-${noun}` as CmdletName, parameters: {} as never });
  // The noun is known at run time only, and so are its properties.
  const settings = data?.objects[0] as Readonly<Record<string, unknown>> | undefined;
  const switches = SWITCHES.map((name) => settings?.[name]).filter((value) => value !== undefined);
  if (switches.length === 0) return null;
  return (
    <span className={styles.state}>{switches.includes(true) ? texts.enabled : texts.off}</span>
  );
}

/** The settings of all filters, and the way to what they look up. */
export function FiltersPage() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  const filters = FILTERS.filter(({ noun }) => mayRun(`Get-${noun}`));
  const opened = filters.find(({ noun }) => noun === state["open"]);
  const heading = (title: string) => (
    <Text as="h2" size={400} weight="semibold" className={styles.title}>
      {title}
    </Text>
  );
  const list = (
    <>
      {heading(texts.filters)}
      <ul className={styles.list}>
        {filters.map(({ noun, title }) => (
          <li key={noun}>
            <button
              type="button"
              className={mergeClasses(styles.link, opened?.noun === noun && styles.chosen)}
              aria-current={opened?.noun === noun ? true : undefined}
              onClick={() => setState({ open: noun })}
            >
              {title}
              <SwitchState noun={noun} />
            </button>
          </li>
        ))}
      </ul>
      {heading(texts.lists)}
      <ul className={styles.list}>
        {LOOKUPS.filter(({ needs }) => mayRun(needs)).map(({ path, title }) => (
          <li key={path}>
            <Link to={path} className={styles.link}>
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
  return (
    <div className={styles.root}>
      <PageHeader title={area.filters} about={texts.about} />
      <SplitView
        list={list}
        detail={
          opened && (
            <DetailPanel
              key={opened.noun}
              title={opened.title}
              onClose={() => setState({ open: undefined })}
              actions={<ShowCmdlet call={{ cmdlet: `Get-${opened.noun}`, parameters: {} }} />}
            >
              <SettingsForm noun={opened.noun} sections={opened.sections} />
            </DetailPanel>
          )
        }
      />
    </div>
  );
}
