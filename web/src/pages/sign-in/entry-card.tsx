import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { PageHeader } from "../../widgets/page-header.tsx";

const useStyles = makeStyles({
  root: {
    display: "flex",
    flexDirection: "column",
    gap: "12px",
    width: "min(400px, 100%)",
    margin: "0 auto",
    padding: "24px",
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground1,
    "@media (min-width: 480px)": {
      position: "relative",
      top: "8vh",
      borderRadius: tokens.borderRadiusLarge,
      boxShadow: tokens.shadow8,
    },
  },
  form: { display: "flex", flexDirection: "column", gap: "12px" },
});

/** A page in front of the door: title, words, form. */
export function EntryCard(props: {
  readonly title: string;
  readonly about?: string | undefined;
  readonly children: ReactNode;
}) {
  const styles = useStyles();
  return (
    <main className={styles.root}>
      <PageHeader
        title={props.title}
        {...(props.about === undefined ? {} : { about: props.about })}
      />
      {props.children}
    </main>
  );
}

/** The fields of such a page, one below the other. */
export function EntryForm(props: { readonly onSubmit: () => void; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {props.children}
    </form>
  );
}
