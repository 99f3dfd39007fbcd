import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useLinkProps, useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMayRun } from "../api/session.ts";
import { CHOSEN } from "../widgets/marked-style.ts";
import type { Area, Page } from "./area.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  link: {
    position: "relative",
    display: "flex",
    alignItems: "center",
    gap: "10px",
    padding: "7px 12px",
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecoration: "none",
    ":hover": {
      backgroundColor: tokens.colorNeutralBackground3Hover,
      color: tokens.colorNeutralForeground1Hover,
    },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
  },
  inner: { paddingInlineStart: "42px" },
  current: {
    ...CHOSEN,
    fontWeight: tokens.fontWeightSemibold,
  },
  icon: { fontSize: "20px", flexShrink: 0 },
});

/** The areas, with the pages of the one that is open. */
export function Navigation(props: {
  readonly areas: readonly Area[];
  readonly onLeave?: () => void;
}) {
  const { areas, onLeave } = props;
  const styles = useStyles();
  const { pathname } = useLocation();
  const mayRun = useMayRun();
  const visible = areas
    .map((area) => ({ ...area, pages: area.pages.filter((page) => isVisible(page, mayRun)) }))
    .filter(({ pages }) => pages.length > 0);
  return (
    <nav aria-label={texts.navigation}>
      <ul className={styles.list}>
        {visible.map(({ title, icon: Icon, pages }) => {
          const isOpen = pages.some(({ path }) => isAt(pathname, path));
          const [first] = pages;
          // `/queues` is above `/queues/messages`: the nearest one is where we are.
          const [here] = pages
            .map(({ path }) => path)
            .filter((path) => isAt(pathname, path))
            .toSorted((left, right) => right.length - left.length);
          const isOwn = pages.length === 1 && isOpen;
          return (
            <li key={title}>
              <Entry to={first?.path ?? "/"} isHere={isOwn} onLeave={onLeave}>
                <Icon className={styles.icon} aria-hidden />
                {title}
              </Entry>
              {isOpen && pages.length > 1 && (
                <ul className={styles.list}>
                  {pages.map(({ path, title: pageTitle }) => (
                    <li key={path}>
                      <Entry to={path} isHere={path === here} isInner onLeave={onLeave}>
                        {pageTitle}
                      </Entry>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** A link that is the current page, or not: the router would mark those above it as well. */
function Entry(props: {
  readonly to: string;
  readonly isHere: boolean;
  readonly isInner?: true;
  readonly onLeave: (() => void) | undefined;
  readonly children: ReactNode;
}) {
  const { to, isHere, isInner, onLeave, children } = props;
  const styles = useStyles();
  const link = useLinkProps({ to, ...(onLeave && { onClick: onLeave }) });
  return (
    <a
      {...link}
      className={mergeClasses(styles.link, isInner && styles.inner, isHere && styles.current)}
      aria-current={isHere ? "page" : undefined}
    >
      {children}
    </a>
  );
}

function isVisible(page: Page, mayRun: ReturnType<typeof useMayRun>): boolean {
  return page.isHidden !== true && mayRun(...page.needs);
}

function isAt(pathname: string, path: string): boolean {
  return pathname === path || (path !== "/" && pathname.startsWith(`${path}/`));
}
