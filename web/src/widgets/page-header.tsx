import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { type ReactNode, useEffect, useRef } from "react";
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
    ":focus": { outline: "none" },
  },
  actions: { display: "flex", flexWrap: "wrap", gap: "4px", alignItems: "center" },
  about: { flexBasis: "100%", color: tokens.colorNeutralForeground2 },
});

/** The first page leaves the focus where the browser begins: before the link past all else. */
let isLaterPage = false;

/** Who comes from elsewhere is at the title: he hears where he is, and goes on from there. */
function takeFocus(heading: HTMLElement | null): void {
  // In a page, not only at it.
  const isWithin =
    document.activeElement?.parentElement?.closest("main, [role=dialog], [role=alertdialog]") !=
    null;
  if (isLaterPage && !isWithin) heading?.focus();
  isLaterPage = true;
}

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
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => takeFocus(heading.current), []);
  useEffect(() => {
    document.title = `${title} - Postrider`;
  }, [title]);
  return (
    <header className={styles.root}>
      <h1 ref={heading} tabIndex={-1} className={styles.title}>
        <bdi>{title}</bdi>
      </h1>
      <div className={styles.actions}>{children}</div>
      {about !== undefined && <Text className={styles.about}>{about}</Text>}
    </header>
  );
}
