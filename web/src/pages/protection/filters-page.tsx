import { makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import { useMayRun } from "../../api/session.ts";
import { DetailPanel, SplitView } from "../../widgets/detail-panel.tsx";
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
    display: "block",
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
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  },
  chosen: { backgroundColor: tokens.colorNeutralBackground1Selected },
  title: { margin: "8px 0 0" },
});

const LOOKUPS = [
  {
    path: "/protection/phrases",
    title: texts.phrases,
    needs: "Get-ContentFilterPhrase",
  },
  { path: "/protection/files", title: texts.files, needs: "Get-AttachmentFilterEntry" },
  {
    path: "/protection/block-providers",
    title: texts.blockProvider,
    needs: "Get-IPBlockListProvider",
  },
  {
    path: "/protection/allow-providers",
    title: texts.allowProvider,
    needs: "Get-IPAllowListProvider",
  },
  { path: "/protection/milters", title: texts.milters, needs: "Get-Milter" },
] as const;

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
              onClick={() => setState({ open: noun })}
            >
              {title}
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
