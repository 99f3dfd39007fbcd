import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    gap: "8px",
    padding: "48px 16px",
    textAlign: "center",
    color: tokens.colorNeutralForeground2,
  },
  words: { maxWidth: "520px" },
});

/** What stands where there is nothing yet: why, and what to do. */
export function EmptyState(props: {
  readonly title: string;
  readonly children?: ReactNode;
  /** The button that does it. */
  readonly action?: ReactNode;
}) {
  const styles = useStyles();
  return (
    <div className={styles.root}>
      <Text as="h2" size={400} weight="semibold">
        {props.title}
      </Text>
      <Text className={styles.words}>{props.children}</Text>
      {props.action}
    </div>
  );
}
