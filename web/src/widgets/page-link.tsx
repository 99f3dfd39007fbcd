import { makeStyles, tokens } from "@fluentui/react-components";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  root: {
    color: tokens.colorBrandForegroundLink,
    ":hover": { color: tokens.colorBrandForegroundLinkHover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
});

/** A link to another page of the center. */
export function PageLink(props: {
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
  readonly children: ReactNode;
}) {
  const { to, search = {}, children } = props;
  const styles = useStyles();
  return (
    <Link to={to} search={search} className={styles.root}>
      {children}
    </Link>
  );
}
