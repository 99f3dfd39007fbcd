import { makeStyles, Toolbar } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  // Words of other languages are longer, and telephones narrow.
  root: { flexWrap: "wrap", paddingInline: 0, "& button": { whiteSpace: "nowrap" } },
});

/** Acts on one thing in a row, in as many lines as they need; arrows move between them. */
export function ToolRow(props: { readonly label: string; readonly children: ReactNode }) {
  const styles = useStyles();
  return (
    <Toolbar aria-label={props.label} className={styles.root}>
      {props.children}
    </Toolbar>
  );
}
