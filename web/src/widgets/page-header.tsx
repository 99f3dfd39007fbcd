import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { type ReactNode, useEffect } from "react";
import { visibleText } from "../base/visible-text.ts";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: "8px",
    paddingBottom: "12px",
  },
  title: {
    margin: 0,
    minWidth: 0,
    overflowWrap: "anywhere",
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
  },
  actions: { display: "flex", flexWrap: "wrap", gap: "4px", alignItems: "center" },
  about: { flexBasis: "100%", color: tokens.colorNeutralForeground2 },
});

/** The title of a page, which is the window's too, with what one can do there. */
export function PageHeader(props: {
  readonly title: string;
  /** A sentence on what the page is for. */
  readonly about?: ReactNode;
  readonly children?: ReactNode;
}) {
  const { about, children } = props;
  const title = visibleText(props.title);
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} - Postrider`;
  }, [title]);
  return (
    <header className={styles.root}>
      <h1 className={styles.title}>
        <bdi>{title}</bdi>
      </h1>
      <div className={styles.actions}>{children}</div>
      {about !== undefined && <Text className={styles.about}>{about}</Text>}
    </header>
  );
}
