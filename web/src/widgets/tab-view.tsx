import { makeStyles, Tab, TabList } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  // Tabs that have no room beside the others go below them: nobody looks for them at the side.
  tabs: { flexWrap: "wrap", flexShrink: 0, marginInline: "-8px" },
  panel: {
    display: "flex",
    flexDirection: "column",
    gap: "12px",
    minWidth: 0,
    paddingTop: "12px",
  },
});

/** Views of one thing, of which one is shown. */
export function TabView(props: {
  /** What the views are of. */
  readonly label: string;
  readonly tabs: readonly { readonly key: string; readonly title: string }[];
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
  readonly children: ReactNode;
}) {
  const { label, tabs, chosen, onChoose, children } = props;
  const styles = useStyles();
  return (
    <div>
      <TabList
        aria-label={label}
        className={styles.tabs}
        selectedValue={chosen}
        onTabSelect={(_event, { value }) => onChoose(String(value))}
      >
        {tabs.map(({ key, title }) => (
          <Tab key={key} value={key}>
            {title}
          </Tab>
        ))}
      </TabList>
      <div
        role="tabpanel"
        aria-label={tabs.find(({ key }) => key === chosen)?.title}
        className={styles.panel}
      >
        {children}
      </div>
    </div>
  );
}
