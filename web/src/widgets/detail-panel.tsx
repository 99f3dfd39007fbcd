import { Button, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { type ReactNode, useEffect, useRef } from "react";
import { visibleText } from "../base/visible-text.ts";
import { texts } from "./texts.ts";

const NARROW = "@media (max-width: 1023px)";

const useStyles = makeStyles({
  split: { display: "flex", gap: "16px", flexGrow: 1, minHeight: 0, minWidth: 0 },
  // In a low window (a large one, enlarged) the page scrolls, not a slit of it.
  open: { [NARROW]: { flexShrink: 0 } },
  list: { display: "flex", flexDirection: "column", flexGrow: 1, minWidth: 0, gap: "8px" },
  hidden: { [NARROW]: { display: "none" } },
  panel: {
    width: "min(560px, 45%)",
    flexShrink: 0,
    overflow: "auto",
    padding: "12px 16px",
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    [NARROW]: { width: "100%", boxSizing: "border-box", overflow: "visible" },
  },
  head: { display: "flex", justifyContent: "space-between", alignItems: "start", gap: "8px" },
  title: { margin: 0, overflowWrap: "anywhere", ":focus": { outline: "none" } },
  body: { display: "flex", flexDirection: "column", gap: "16px", paddingTop: "8px" },
});

/** A list with the detail of one of its rows beside it; on narrow screens, in place of it. */
export function SplitView(props: {
  readonly list: ReactNode;
  /** Absent: nothing is open. */
  readonly detail?: ReactNode | undefined;
}) {
  const styles = useStyles();
  const isOpen = props.detail !== undefined;
  return (
    <div className={mergeClasses(styles.split, isOpen && styles.open)}>
      <div className={mergeClasses(styles.list, isOpen && styles.hidden)}>{props.list}</div>
      {props.detail}
    </div>
  );
}

/** The detail beside a list. It takes the focus; Escape closes it and gives the focus back. */
export function DetailPanel(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly actions?: ReactNode;
  /** What it shows of its object; when that changes, it is read from the top. */
  readonly mode?: string | undefined;
  readonly children: ReactNode;
}) {
  const { onClose, actions, mode, children } = props;
  const title = visibleText(props.title);
  const styles = useStyles();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    if (mode !== undefined) heading.current?.focus();
  }, [mode]);
  return (
    <aside
      className={styles.panel}
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div className={styles.head}>
        <Text
          as="h2"
          ref={heading}
          tabIndex={-1}
          size={500}
          weight="semibold"
          className={styles.title}
        >
          <bdi>{title}</bdi>
        </Text>
        <Button
          appearance="subtle"
          aria-label={texts.close}
          icon={<DismissRegular />}
          onClick={onClose}
        />
      </div>
      {actions}
      <div className={styles.body}>{children}</div>
    </aside>
  );
}
