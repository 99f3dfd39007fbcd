import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { type ReactNode, useId } from "react";

const useStyles = makeStyles({
  root: {
    padding: "16px",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: "8px",
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400 },
  actions: { display: "flex", flexWrap: "wrap", gap: "8px" },
  about: { display: "block", marginTop: "4px", color: tokens.colorNeutralForeground2 },
  list: { listStyleType: "none", margin: "8px 0 0", padding: 0 },
  row: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    justifyContent: "space-between",
    gap: "8px",
    padding: "8px 0",
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  words: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere" },
  facts: { color: tokens.colorNeutralForeground2 },
});

/** A part of the account: title, words, what one can do. */
export function Section(props: {
  readonly title: string;
  readonly about: ReactNode;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.root} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id} className={styles.title}>
          {props.title}
        </h2>
        <div className={styles.actions}>{props.actions}</div>
      </div>
      <Text className={styles.about}>{props.about}</Text>
      {props.children}
    </section>
  );
}

/** Rows of a part. */
export function Rows(props: { readonly children: ReactNode }) {
  const styles = useStyles();
  return <ul className={styles.list}>{props.children}</ul>;
}

/** One row: its name, what is known of it, what one can do. */
export function Row(props: {
  readonly name: ReactNode;
  readonly facts: string;
  readonly actions?: ReactNode;
}) {
  const styles = useStyles();
  return (
    <li className={styles.row}>
      <div className={styles.words}>
        <Text weight="semibold">{props.name}</Text>
        <Text size={200} className={styles.facts}>
          {props.facts}
        </Text>
      </div>
      <div className={styles.actions}>{props.actions}</div>
    </li>
  );
}
