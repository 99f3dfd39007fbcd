import { FluentProvider, makeStyles, tokens } from "@fluentui/react-components";
import { QueryClientProvider } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { CmdletFault } from "./api/cmdlet-fault.ts";
import { queryClient } from "./api/cmdlet-query.ts";
import { sessionQuery } from "./api/session.ts";
import { AREAS, OTHER_PAGES } from "./areas.ts";
import { AppFrame } from "./frame/app-frame.tsx";
import type { Page } from "./frame/area.ts";
import { ConnectionNotice } from "./frame/connection-notice.tsx";
import { FailedPage, NoSuchPage, PageGuard } from "./frame/page-guard.tsx";
import { useTheme } from "./frame/theme.ts";
import { SignInAgain } from "./pages/sign-in/sign-in-again.tsx";
import { SignInPage } from "./pages/sign-in/sign-in-page.tsx";
import { Loading } from "./widgets/loading.tsx";
import { Notices } from "./widgets/notify.tsx";

const useStyles = makeStyles({
  root: { minHeight: "100dvh", backgroundColor: tokens.colorNeutralBackground2 },
});

function Root() {
  const styles = useStyles();
  return (
    // Every popup has the provider's own classes: they must not have the height of a page.
    <FluentProvider theme={useTheme()}>
      <QueryClientProvider client={queryClient}>
        <div className={styles.root}>
          <Outlet />
        </div>
        <ConnectionNotice />
        <Notices />
      </QueryClientProvider>
    </FluentProvider>
  );
}

const rootRoute = createRootRoute({ component: Root });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  component: SignInPage,
});

const SetupPage = lazy(async () => ({
  default: (await import("./pages/sign-in/setup-page.tsx")).SetupPage,
}));

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/setup",
  component: () => (
    <Suspense>
      <SetupPage />
    </Suspense>
  ),
});

/** Everything behind the sign-in. */
const frameRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "frame",
  component: () => (
    <>
      <AppFrame areas={AREAS} />
      <SignInAgain />
    </>
  ),
  errorComponent: FailedPage,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      const isStranger = error instanceof CmdletFault && error.code === "unauthorized";
      if (!isStranger) throw error;
      redirect({ to: "/sign-in", search: { to: location.href }, throw: true });
    }
  },
});

function pageRoute(page: Page) {
  const Component = lazy(async () => ({ default: await page.load() }));
  return createRoute({
    getParentRoute: () => frameRoute,
    path: page.path,
    errorComponent: FailedPage,
    component: () => (
      <PageGuard page={page}>
        <Component />
      </PageGuard>
    ),
  });
}

const nowhereRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "$",
  component: NoSuchPage,
});

const pages = [...AREAS.flatMap((area) => area.pages), ...OTHER_PAGES].map(pageRoute);

/** Addresses and what is at them; pages come from the table of areas. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    setupRoute,
    frameRoute.addChildren([...pages, nowhereRoute]),
  ]),
  basepath: "/admin",
  // A server that takes its time is waited for, and that is seen.
  defaultPendingComponent: Loading,
  defaultPendingMs: 500,
  // Lists keep their own places; the page itself begins at its top.
  scrollRestoration: false,
});
