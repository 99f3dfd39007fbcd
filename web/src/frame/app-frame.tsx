import {
  Button,
  Menu,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  OverlayDrawer,
  tokens,
} from "@fluentui/react-components";
import {
  DarkThemeRegular,
  NavigationRegular,
  PersonCircleRegular,
  SearchRegular,
} from "@fluentui/react-icons";
import { Link, Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import { Suspense, useEffect, useRef, useState } from "react";
import { asFault } from "../api/cmdlet-fault.ts";
import { requestJson } from "../api/request.ts";
import { useSession } from "../api/session.ts";
import { forgetSession, tellSignedIn, tellSignedOut } from "../api/session-life.ts";
import { Loading } from "../widgets/loading.tsx";
import { useNotify } from "../widgets/notify.tsx";
import type { Area } from "./area.ts";
import { CommandPalette } from "./command-palette.tsx";
import { useKeptFocus } from "./kept-focus.ts";
import { Navigation } from "./navigation.tsx";
import { texts } from "./texts.ts";
import { type Appearance, readAppearance, setAppearance } from "./theme.ts";

const NARROW = "@media (max-width: 1023px)";
const WIDE = "@media (min-width: 1024px)";

const useStyles = makeStyles({
  root: {
    display: "grid",
    gridTemplateRows: "auto minmax(0, 1fr)",
    gridTemplateColumns: "auto minmax(0, 1fr)",
    height: "100dvh",
    backgroundColor: tokens.colorNeutralBackground2,
  },
  head: {
    gridColumn: "1 / -1",
    display: "flex",
    alignItems: "center",
    gap: "4px",
    padding: "6px 12px",
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  product: {
    marginInlineEnd: "auto",
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase400,
    color: tokens.colorNeutralForeground1,
    textDecoration: "none",
  },
  menu: { [WIDE]: { display: "none" } },
  side: {
    width: "220px",
    overflow: "auto",
    padding: "8px",
    boxSizing: "border-box",
    backgroundColor: tokens.colorNeutralBackground3,
    [NARROW]: { display: "none" },
  },
  drawer: { padding: "8px" },
  main: {
    gridColumn: 2,
    display: "flex",
    flexDirection: "column",
    minWidth: 0,
    overflow: "auto",
    padding: "16px 20px",
    [NARROW]: { gridColumn: "1 / -1", padding: "12px" },
    ":focus": { outline: "none" },
  },
  skip: {
    position: "absolute",
    top: "-100px",
    zIndex: 10,
    padding: "8px",
    backgroundColor: tokens.colorNeutralBackground1,
    ":focus": { top: "4px" },
  },
});

/** What is around every page: product, palette, appearance, account, areas. */
export function AppFrame({ areas }: { readonly areas: readonly Area[] }) {
  const styles = useStyles();
  const [isNavigationOpen, setNavigationOpen] = useState(false);
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const content = useRef<HTMLElement>(null);
  useKeptFocus(content);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setPaletteOpen(true);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
  return (
    <div className={styles.root}>
      <a className={styles.skip} href="#content">
        {texts.skip}
      </a>
      <header className={styles.head}>
        <Button
          className={styles.menu}
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-label={texts.openNavigation}
          onClick={() => setNavigationOpen(true)}
        />
        <Link to="/" className={styles.product}>
          {texts.product}
        </Link>
        <Button
          appearance="subtle"
          icon={<SearchRegular />}
          aria-label={texts.paletteKeys}
          aria-keyshortcuts="Control+K"
          onClick={() => setPaletteOpen(true)}
        />
        <AppearanceMenu />
        <AccountMenu />
      </header>
      <div className={styles.side}>
        <Navigation areas={areas} />
      </div>
      <OverlayDrawer
        className={styles.drawer}
        open={isNavigationOpen}
        aria-label={texts.navigation}
        onOpenChange={(_event, { open }) => setNavigationOpen(open)}
      >
        <Navigation areas={areas} onLeave={() => setNavigationOpen(false)} />
      </OverlayDrawer>
      <main ref={content} id="content" className={styles.main} tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      {isPaletteOpen && <CommandPalette areas={areas} onClose={() => setPaletteOpen(false)} />}
    </div>
  );
}

const APPEARANCES: readonly (readonly [Appearance, string])[] = [
  ["system", texts.themeSystem],
  ["light", texts.themeLight],
  ["dark", texts.themeDark],
  ["contrast", texts.themeContrast],
];

function AppearanceMenu() {
  const [appearance, setChosen] = useState(readAppearance);
  const choose = (chosen: Appearance) => {
    setAppearance(chosen);
    setChosen(chosen);
  };
  return (
    <Menu checkedValues={{ appearance: [appearance] }}>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<DarkThemeRegular />} aria-label={texts.theme} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {APPEARANCES.map(([value, title]) => (
            <MenuItemRadio
              key={value}
              name="appearance"
              value={value}
              onClick={() => choose(value)}
            >
              {title}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function AccountMenu() {
  const session = useSession();
  const { name } = session;
  const navigate = useNavigate();
  const signOut = useSignOut();
  useEffect(() => tellSignedIn(session), [session]);
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          icon={<PersonCircleRegular />}
          aria-label={texts.account(name)}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem onClick={() => void navigate({ to: "/account" })}>{texts.myAccount}</MenuItem>
          <MenuItem onClick={() => void signOut()}>{texts.signOut}</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

/** Ends the session here and in the other windows. */
function useSignOut(): () => Promise<void> {
  const router = useRouter();
  const notify = useNotify();
  return async () => {
    const { href } = router.state.location;
    // Whoever has typed something here is asked first, and may stay.
    await router.navigate({ to: "/sign-in" });
    if (router.state.location.pathname !== "/sign-in") return;
    try {
      await requestJson({ method: "POST", path: "/logout" });
    } catch (error) {
      const fault = asFault(error);
      if (fault.code !== "unauthorized") {
        notify({ title: texts.notSignedOut, body: fault.message, intent: "error" });
        await router.navigate({ href });
        return;
      }
    }
    tellSignedOut();
    forgetSession();
  };
}
